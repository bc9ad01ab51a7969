// Makes an image in a thread of its own.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { PolicyError } from '../../model/index.ts';
import type { PolicyImage } from './image.ts';

export interface ImageOrder {
  readonly wasm: WebAssembly.Module;
  readonly data: string;
  readonly memoryBytesMax: number;
}

/** @throws PolicyError `policy-load` as `makeImage`. */
export async function imageOf(order: ImageOrder): Promise<PolicyImage> {
  const worker = new Worker(new URL('./image-worker.ts', import.meta.url), { workerData: order });
  try {
    return await answerOf(worker);
  } catch (cause) {
    // An error's class does not survive the way between threads; its message does.
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PolicyError('policy-load', message, { cause });
  } finally {
    await worker.terminate();
  }
}

/** Ending without an answer is no error to a worker, and nobody would be told. */
async function answerOf(worker: Worker): Promise<PolicyImage> {
  const ended = once(worker, 'exit').then(() => {
    throw new Error('the thread that loads the policy ended unexpectedly');
  });
  const [image] = (await Promise.race([once(worker, 'message'), ended])) as [PolicyImage];
  return image;
}

// The worker's life: started when asked, one request at a time, ended when idle or late.

import { Worker } from 'node:worker_threads';

import { PolicyError } from '../../model/index.ts';
import type { ToolchainRequest, WorkerAnswer } from './protocol.ts';
import { setup } from './toolchain-setup.ts';

export interface ToolchainOptions {
  /** An idle toolchain holds about 250 MB; it is ended after this. */
  readonly idleMilliseconds: number;
  /** A request that takes longer is answered with an error and its worker is ended. */
  readonly requestMilliseconds: number;
}

interface Pending {
  readonly request: ToolchainRequest;
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: PolicyError) => void;
}

export class Toolchain {
  readonly #options: ToolchainOptions;
  readonly #queue: Pending[] = [];
  #worker: Worker | undefined;
  #busy: Pending | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ToolchainOptions) {
    this.#options = options;
  }

  /** Whether a worker is alive: for tests of its ending. */
  get running(): boolean {
    return this.#worker !== undefined;
  }

  /** @throws PolicyError `compiler-failed` when the toolchain crashes, is late or is closed. */
  ask(request: ToolchainRequest): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject });
      this.#next();
    });
  }

  close(): Promise<void> {
    return this.#end('the Rego toolchain was closed', this.#queue.splice(0));
  }

  #next(): void {
    if (this.#busy !== undefined) return;
    const next = this.#queue.shift();
    if (next === undefined) {
      this.#rest();
      return;
    }
    this.#busy = next;
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#arm(this.#options.requestMilliseconds, () => {
      const limit = `${this.#options.requestMilliseconds} ms`;
      void this.#end(`the Rego toolchain did not answer within ${limit}`);
    });
    this.#worker.postMessage(JSON.stringify(next.request));
  }

  // An idle worker keeps neither the process nor, for long, its memory.
  #rest(): void {
    this.#worker?.unref();
    this.#arm(this.#options.idleMilliseconds, () => void this.#end('idle'));
    this.#timer?.unref();
  }

  #arm(milliseconds: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, milliseconds);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    let prepared = false;
    worker.on('message', (answer: WorkerAnswer) => {
      if (prepared) this.#finish(answer);
      else if (answer.response === '{}') prepared = true;
      else void this.#end(`the Rego toolchain does not start: ${answer.response}`);
    });
    worker.on('error', () => {
      if (this.#worker === worker) void this.#end('the Rego toolchain crashed');
    });
    worker.on('exit', () => {
      if (this.#worker === worker) void this.#end('the Rego toolchain ended unexpectedly');
    });
    worker.postMessage(JSON.stringify({ op: 'setup', setup }));
    return worker;
  }

  #finish(answer: WorkerAnswer): void {
    const done = this.#busy;
    this.#busy = undefined;
    done?.resolve(answer);
    this.#next();
  }

  async #end(why: string, dropped: readonly Pending[] = []): Promise<void> {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    const busy = this.#busy;
    this.#worker = undefined;
    this.#busy = undefined;
    for (const pending of busy === undefined ? dropped : [busy, ...dropped]) {
      pending.reject(new PolicyError('compiler-failed', why));
    }
    if (this.#queue.length > 0) this.#next();
    await worker?.terminate();
  }
}

// Bodies of requests: read whole where somebody must know them, else a piece ahead, so that slow callers hold no
// connection to the target while they send little.

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { PassThrough } from 'node:stream';

/** What a caller has sent and was given so far, in bytes; the deadlines watch it. */
export interface Progress {
  /** Bytes are awaited from the caller, and nobody else keeps it from sending them. */
  receiving: boolean;
  received: number;
  /** Of the answer's body; what of it waits for the caller is in the sink. */
  answered: number;
}

export type Ahead =
  | { readonly kind: 'whole'; readonly body: Buffer }
  | { readonly kind: 'more'; readonly first: Buffer }
  | { readonly kind: 'aborted' };

/** Reads up to the end or a little over `bytesMax`, whichever comes first; what is left stays in the stream. */
export async function readAhead(
  body: Readable,
  bytesMax: number,
  progress: Progress,
): Promise<Ahead> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  progress.receiving = true;
  try {
    for (;;) {
      const chunk = body.read() as Buffer | null;
      if (chunk !== null) {
        chunks.push(chunk);
        bytes += chunk.length;
        progress.received += chunk.length;
        if (bytes > bytesMax) return { kind: 'more', first: Buffer.concat(chunks) };
        continue;
      }
      if (body.readableEnded) return { kind: 'whole', body: Buffer.concat(chunks) };
      if (body.destroyed || body.errored !== null) return { kind: 'aborted' };
      await moved(body);
    }
  } finally {
    progress.receiving = false;
  }
}

async function moved(body: Readable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const events = ['readable', 'end', 'close', 'error', 'aborted'] as const;
  const wake = (): void => {
    resolve(undefined);
  };
  for (const event of events) body.on(event, wake);
  await promise;
  for (const event of events) body.off(event, wake);
}

export interface Upload {
  /** What the target is sent; destroying it leaves the caller's connection alone. */
  readonly stream: Readable;
  readonly sent: () => { readonly bytes: number; readonly sha256: string };
}

/** The rest of a body on its way, at the target's pace. A caller that breaks off never looks like one that ended. */
export function upload(body: Readable, first: Buffer, progress: Progress): Upload {
  const stream = new PassThrough();
  const hash = createHash('sha256').update(first);
  let bytes = first.length;
  stream.write(first);
  const take = (chunk: Buffer): void => {
    hash.update(chunk);
    bytes += chunk.length;
    progress.received += chunk.length;
    if (stream.destroyed || stream.write(chunk)) return;
    progress.receiving = false;
    body.pause();
  };
  const broken = (): void => {
    progress.receiving = false;
    if (!body.readableEnded) stream.destroy(new Error('the caller broke off'));
  };
  stream.on('drain', () => {
    progress.receiving = true;
    body.resume();
  });
  // The target wants no more of it: what still comes goes nowhere, for the caller may read its answer only after that.
  stream.on('close', () => body.resume());
  stream.on('error', () => undefined);
  body.on('data', take).on('close', broken).on('error', broken);
  body.on('end', () => {
    progress.receiving = false;
    stream.end();
  });
  progress.receiving = true;
  return { stream, sent: () => ({ bytes, sha256: hash.copy().digest('hex') }) };
}

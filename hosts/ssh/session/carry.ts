// Carries bytes one way, at the pace of who takes them.

import type { Readable, Writable } from 'node:stream';

/** What becomes of a chunk on its way; what it gives back is written. Nothing means that it is kept for later. */
export type Passing = (chunk: Buffer) => Buffer | undefined;

/**
 * Resolves when all that `from` gave has been handed over, or either side is gone; never rejects. What `passing` throws ends
 * it, and is what it resolves with. `to` stays open: what ends it is more than the end of one stream.
 */
export function carry(from: Readable, to: Writable, passing: Passing): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const resume = (): void => {
    from.resume();
  };
  const done = (): void => {
    settle(undefined);
  };
  const settle = (error: unknown): void => {
    from.off('data', take).off('end', done).off('close', done).off('error', done);
    to.off('drain', resume).off('close', done);
    resolve(error);
  };
  const take = (chunk: Buffer): void => {
    try {
      const passed = passing(chunk);
      if (passed === undefined || passed.length === 0 || !to.writable) return;
      if (!to.write(passed)) from.pause();
    } catch (error) {
      settle(error);
    }
  };
  from.on('data', take).on('end', done).on('close', done).on('error', done);
  to.on('drain', resume).on('close', done);
  if (from.readableEnded || from.destroyed) done();
  return promise;
}

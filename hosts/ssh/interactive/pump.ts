// Bytes from one side to the other no faster than the other takes them (RFC 4254 §5.2): windows fill, memory does not.

import type { Readable, Writable } from 'node:stream';

/**
 * Everything that `from` sends goes through `take`, which writes to `to`. Resolves when `from` has ended or is gone, and
 * rejects with what `take` throws.
 */
export function pumpOutput(
  from: Readable,
  to: Writable,
  take: (chunk: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const resume = (): void => void from.resume();
    const settle = (act: () => void): void => {
      from.off('data', read).off('end', done).off('close', done);
      to.off('drain', resume).off('close', resume);
      act();
    };
    const done = (): void => settle(resolve);
    const read = (chunk: Buffer): void => {
      try {
        take(chunk);
        if (to.writableNeedDrain) from.pause();
      } catch (error) {
        const failure =
          error instanceof Error ? error : new Error('a sink failed', { cause: error });
        settle(() => reject(failure));
      }
    };
    from.on('data', read).once('end', done).once('close', done);
    // Where nobody reads any more, what is still to come must not keep the other from ending.
    to.on('drain', resume).once('close', resume);
    if (from.readableEnded || from.destroyed) done();
    else from.resume();
  });
}

/** Writes what `from` sent to `to`, and lets `from` wait while that is full. */
export class InputPump {
  readonly #from: Readable;
  readonly #to: Writable;
  readonly #resume = (): void => void this.#from.resume();

  constructor(from: Readable, to: Writable) {
    this.#from = from;
    this.#to = to;
    to.on('drain', this.#resume);
  }

  write(bytes: Buffer): void {
    if (this.#to.writable && !this.#to.write(bytes)) this.#from.pause();
  }

  /** `from` flows again. */
  stop(): void {
    this.#to.off('drain', this.#resume);
    this.#resume();
  }
}

// Bytes for one peer, gathered while a chunk is handled and written together at its end.

import type { Duplex } from 'node:stream';

/** Up to this a copy costs less than a write of several pieces. */
const copiedBytesMax = 16 * 1024;

export class Outbox {
  readonly #socket: Duplex;
  readonly #bufferBytesMax: number;
  /** Before the run below. */
  #parts: Buffer[] = [];
  /** The last run of bytes: frames that are forwarded lie one behind the other in the chunk they came in. */
  #run: Buffer | undefined;
  /** Counted from the run's buffer; the end may lie behind it, in the memory that it is a view of. */
  #start = 0;
  #end = 0;

  constructor(socket: Duplex, bufferBytesMax: number) {
    this.#socket = socket;
    // Below the stream's own mark no `drain` would ever come.
    this.#bufferBytesMax = Math.max(bufferBytesMax, socket.writableHighWaterMark);
  }

  push(bytes: Buffer): void {
    const run = this.#run;
    const follows = run !== undefined && bytes.byteOffset === run.byteOffset + this.#end;
    if (follows && bytes.buffer === run.buffer) this.#end += bytes.length;
    else this.#begin(bytes, 0, bytes.length);
  }

  /** As `push`, for a part of a chunk of which nobody needs a view. */
  pass(chunk: Buffer, start: number, end: number): void {
    if (chunk === this.#run && start === this.#end) this.#end = end;
    else this.#begin(chunk, start, end);
  }

  #begin(run: Buffer, start: number, end: number): void {
    const before = this.#takeRun();
    if (before !== undefined) this.#parts.push(before);
    this.#run = run;
    this.#start = start;
    this.#end = end;
  }

  #takeRun(): Buffer | undefined {
    const run = this.#run;
    if (run === undefined) return undefined;
    this.#run = undefined;
    if (this.#start === 0 && this.#end === run.length) return run;
    return Buffer.from(run.buffer, run.byteOffset + this.#start, this.#end - this.#start);
  }

  /** Writes what was gathered; false when the peer is slow and its other side must be paused. */
  flush(): boolean {
    const last = this.#takeRun();
    if (last !== undefined && this.#socket.writable) {
      if (this.#parts.length === 0) this.#socket.write(last);
      else this.#write([...this.#parts, last]);
    }
    if (this.#parts.length > 0) this.#parts = [];
    return this.#socket.writableLength <= this.#bufferBytesMax;
  }

  #write(parts: readonly Buffer[]): void {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (bytes <= copiedBytesMax) {
      this.#socket.write(Buffer.concat(parts, bytes));
      return;
    }
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }
}

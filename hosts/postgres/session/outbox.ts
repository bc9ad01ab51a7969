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
  #runEnd = 0;

  constructor(socket: Duplex, bufferBytesMax: number) {
    this.#socket = socket;
    // Below the stream's own mark no `drain` would ever come.
    this.#bufferBytesMax = Math.max(bufferBytesMax, socket.writableHighWaterMark);
  }

  push(bytes: Buffer): void {
    const end = bytes.byteOffset + bytes.length;
    if (this.#run?.buffer === bytes.buffer && bytes.byteOffset === this.#runEnd) {
      this.#runEnd = end;
      return;
    }
    this.#closeRun();
    this.#run = bytes;
    this.#runEnd = end;
  }

  #closeRun(): void {
    const run = this.#run;
    if (run === undefined) return;
    const length = this.#runEnd - run.byteOffset;
    this.#parts.push(length === run.length ? run : Buffer.from(run.buffer, run.byteOffset, length));
    this.#run = undefined;
  }

  /** Writes what was gathered; false when the peer is slow and its other side must be paused. */
  flush(): boolean {
    this.#closeRun();
    const parts = this.#parts;
    if (parts.length > 0) {
      this.#parts = [];
      if (this.#socket.writable) this.#write(parts);
    }
    return this.#socket.writableLength <= this.#bufferBytesMax;
  }

  #write(parts: readonly Buffer[]): void {
    const [first] = parts;
    if (parts.length === 1 && first !== undefined) {
      this.#socket.write(first);
      return;
    }
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

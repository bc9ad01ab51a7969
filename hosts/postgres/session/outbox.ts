// Bytes for one peer, gathered while a chunk is handled and written together at its end.

import type { Duplex } from 'node:stream';

export class Outbox {
  readonly #socket: Duplex;
  readonly #bufferBytesMax: number;
  #parts: Buffer[] = [];

  constructor(socket: Duplex, bufferBytesMax: number) {
    this.#socket = socket;
    // Below the stream's own mark no `drain` would ever come.
    this.#bufferBytesMax = Math.max(bufferBytesMax, socket.writableHighWaterMark);
  }

  push(bytes: Buffer): void {
    this.#parts.push(bytes);
  }

  /** Writes what was gathered; false when the peer is slow and its other side must be paused. */
  flush(): boolean {
    const parts = this.#parts;
    if (parts.length > 0) {
      this.#parts = [];
      if (this.#socket.writable) this.#write(parts);
    }
    return this.#socket.writableLength <= this.#bufferBytesMax;
  }

  #write(parts: readonly Buffer[]): void {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) {
      this.#socket.write(only);
      return;
    }
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }
}

// Writes to one peer and says when its other side has to wait, so that a slow reader costs bounded memory.

import type { Duplex } from 'node:stream';

export class StreamWriter {
  readonly #socket: Duplex;
  readonly #bufferBytesMax: number;
  #drained: Promise<void> | undefined;

  /** Below the stream's own mark no `drain` would ever come, so the bound is at least that. */
  constructor(socket: Duplex, bufferBytesMax: number) {
    this.#socket = socket;
    this.#bufferBytesMax = Math.max(bufferBytesMax, socket.writableHighWaterMark);
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Nothing that is written now reaches the peer. */
  get isClosed(): boolean {
    return this.#socket.destroyed || this.#socket.writableEnded;
  }

  /** False when the caller should wait for `whenDrained`; the chunk is accepted all the same, and kept by reference. */
  write(chunk: Uint8Array): boolean {
    if (this.isClosed) return true;
    this.#socket.write(chunk);
    return this.#socket.writableLength < this.#bufferBytesMax;
  }

  /** Resolves when everything is written or the socket is closed; never rejects. */
  whenDrained(): Promise<void> {
    const socket = this.#socket;
    if (!socket.writableNeedDrain || this.isClosed) return Promise.resolve();
    return (this.#drained ??= new Promise((resolve) => {
      const wake = (): void => {
        socket.off('drain', wake).off('close', wake);
        this.#drained = undefined;
        resolve();
      };
      socket.on('drain', wake).on('close', wake);
    }));
  }

  /** Writes what is buffered, then closes this direction. */
  end(): void {
    this.#socket.end();
  }
}

// Pull reader for the handshake, where each step waits for the peer; afterwards `pump` takes over.

import type { Duplex } from 'node:stream';

/**
 * Takes chunks from the socket's own buffer, so what was not read stays there for the next owner. Bytes
 * that the caller was given and did not use are the caller's: in front of a TLS upgrade they must be refused,
 * or an attacker's plaintext would be read as if it had come through TLS.
 */
export class ByteSource {
  readonly #socket: Duplex;
  readonly #signal: AbortSignal;

  /** The signal bounds all reads together: a peer that sends a byte at a time gains nothing. */
  constructor(socket: Duplex, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
  }

  /** True when the peer has already sent more than was read. */
  get hasUnread(): boolean {
    return this.#socket.readableLength > 0;
  }

  /** The next bytes, null at the end; throws the signal's reason or the socket's error. One call at a time. */
  async read(): Promise<Buffer | null> {
    for (;;) {
      this.#signal.throwIfAborted();
      const socket = this.#socket;
      if (socket.errored !== null) throw socket.errored;
      const chunk = socket.read() as Buffer | null;
      if (chunk !== null) return chunk;
      if (socket.readableEnded || socket.destroyed) return null;
      await this.#wake();
    }
  }

  async #wake(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const events = ['readable', 'end', 'close', 'error'] as const;
    const wake = (): void => resolve(undefined);
    for (const event of events) this.#socket.on(event, wake);
    this.#signal.addEventListener('abort', wake);
    try {
      await promise;
    } finally {
      for (const event of events) this.#socket.off(event, wake);
      this.#signal.removeEventListener('abort', wake);
    }
  }
}

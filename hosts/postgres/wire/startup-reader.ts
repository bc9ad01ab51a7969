// Cuts the untyped first packets (Int32 length, body) of a connection, PostgreSQL "Start-up" and "SSL Session Encryption".

import { malformed, WireError } from './wire-error.ts';

/** Length and code: the shortest first packet. */
const packetBytesMin = 8;

export class StartupReader {
  readonly #bytesMax: number;
  #received: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  push(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#received.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, 2 * this.#received.length));
      this.#received.copy(grown, 0, 0, this.#length);
      this.#received = grown;
    }
    chunk.copy(this.#received, this.#length);
    this.#length = length;
  }

  /**
   * Bytes behind the packets that were read. After an SSLRequest they must be 0: what came in plaintext
   * would be taken for a part of the protected stream (CVE-2021-23214).
   */
  get unread(): number {
    return this.#length;
  }

  /** The next whole packet with its length, or undefined when more bytes are needed. Throws WireError. */
  next(): Buffer | undefined {
    if (this.#length < 4) return undefined;
    const bytes = this.#received.readInt32BE(0);
    if (bytes < packetBytesMin) throw malformed(`first packet of length ${bytes}`);
    if (bytes > this.#bytesMax) {
      const limit = `limit ${this.#bytesMax}`;
      throw new WireError('message-too-large', `first packet of ${bytes} bytes, ${limit}`);
    }
    if (this.#length < bytes) return undefined;
    const packet = this.#received.subarray(0, bytes);
    this.#received = this.#received.subarray(bytes);
    this.#length -= bytes;
    return packet;
  }

  /** Hands over the unread bytes: they belong to the typed messages that follow. */
  take(): Buffer {
    const rest = this.#received.subarray(0, this.#length);
    this.#received = Buffer.alloc(0);
    this.#length = 0;
    return rest;
  }
}

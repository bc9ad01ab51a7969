// Writes an SFTP packet (draft-ietf-secsh-filexfer-02 §3).

import { headerBytes } from './packet-types.ts';

const bytesHint = 128;

export class FieldWriter {
  #buffer = Buffer.allocUnsafe(bytesHint);
  #length = headerBytes;

  /** Opens a packet of the type; `packet()` closes it. */
  constructor(type: number) {
    this.#buffer.writeUInt8(type, headerBytes - 1);
  }

  #reserve(bytes: number): number {
    const offset = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(2 * this.#length);
      this.#buffer.copy(grown, 0, 0, offset);
      this.#buffer = grown;
    }
    return offset;
  }

  uint32(value: number): this {
    const offset = this.#reserve(4);
    this.#buffer.writeUInt32BE(value, offset);
    return this;
  }

  uint64(value: number): this {
    return this.uint32(Math.floor(value / 0x1_0000_0000)).uint32(value % 0x1_0000_0000);
  }

  bytes(value: Buffer): this {
    const offset = this.#reserve(value.length);
    value.copy(this.#buffer, offset);
    return this;
  }

  string(value: string | Buffer): this {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    return this.uint32(bytes.length).bytes(bytes);
  }

  handle(value: string): this {
    return this.string(Buffer.from(value, 'latin1'));
  }

  packet(): Buffer {
    this.#buffer.writeUInt32BE(this.#length - 4, 0);
    return this.#buffer.subarray(0, this.#length);
  }
}

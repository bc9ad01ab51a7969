// Writes messages, PostgreSQL "Message Data Types".

import { headerBytes } from './frame-reader.ts';
import { malformed } from './wire-error.ts';

/** Strings are written as UTF-8; bytes as they are. */
export type Text = string | Buffer;

export class BodyWriter {
  #buffer: Buffer;
  #length: number;

  /** `start` leaves room for a header. */
  constructor(start: number, bytesHint = 64) {
    this.#buffer = Buffer.allocUnsafe(start + bytesHint);
    this.#length = start;
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

  uint8(value: number): this {
    const offset = this.#reserve(1);
    this.#buffer.writeUInt8(value, offset);
    return this;
  }

  uint16(value: number): this {
    const offset = this.#reserve(2);
    this.#buffer.writeUInt16BE(value, offset);
    return this;
  }

  int16(value: number): this {
    const offset = this.#reserve(2);
    this.#buffer.writeInt16BE(value, offset);
    return this;
  }

  int32(value: number): this {
    const offset = this.#reserve(4);
    this.#buffer.writeInt32BE(value, offset);
    return this;
  }

  uint32(value: number): this {
    const offset = this.#reserve(4);
    this.#buffer.writeUInt32BE(value, offset);
    return this;
  }

  bytes(value: Buffer): this {
    const offset = this.#reserve(value.length);
    value.copy(this.#buffer, offset);
    return this;
  }

  /** A NUL inside would end the field early and turn the rest into fields of the attacker's choice. */
  text(value: Text): this {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    if (bytes.includes(0)) throw malformed('text with a NUL inside');
    return this.bytes(bytes).uint8(0);
  }

  value(value: Buffer | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).bytes(value);
  }

  formats(formats: readonly number[]): this {
    this.uint16(formats.length);
    for (const format of formats) this.uint16(format);
    return this;
  }

  /** Writes the header of a typed message in front. */
  frame(type: number): Buffer {
    this.#buffer.writeUInt8(type, 0);
    this.#buffer.writeInt32BE(this.#length - 1, 1);
    return this.#buffer.subarray(0, this.#length);
  }

  /** Writes the length in front of an untyped first packet. */
  packet(): Buffer {
    this.#buffer.writeInt32BE(this.#length, 0);
    return this.#buffer.subarray(0, this.#length);
  }
}

export const frameBody = (bytesHint?: number): BodyWriter => new BodyWriter(headerBytes, bytesHint);

export const packetBody = (): BodyWriter => new BodyWriter(4);

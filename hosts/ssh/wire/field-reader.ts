// Reads the data types of RFC 4251 §5 field by field. Every read checks its bounds first.

import { isUtf8 } from 'node:buffer';

import { malformed } from './wire-error.ts';

export class FieldReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get remaining(): number {
    return this.#buffer.length - this.#offset;
  }

  /** All that was read up to here: what a signature at the end is over. */
  get taken(): Buffer {
    return this.#buffer.subarray(0, this.#offset);
  }

  #take(bytes: number): number {
    if (bytes > this.remaining) throw malformed('ends inside a field');
    const offset = this.#offset;
    this.#offset += bytes;
    return offset;
  }

  uint8(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  uint32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  uint64(): bigint {
    return this.#buffer.readBigUInt64BE(this.#take(8));
  }

  /** RFC 4251 §5 lets any other value than 0 be true: here there is one way to say it. */
  boolean(): boolean {
    const value = this.uint8();
    if (value > 1) throw malformed(`boolean ${value}`);
    return value === 1;
  }

  /** A view, not a copy. */
  string(): Buffer {
    const length = this.uint32();
    const offset = this.#take(length);
    return this.#buffer.subarray(offset, offset + length);
  }

  text(): string {
    const bytes = this.string();
    if (!isUtf8(bytes)) throw malformed('text is not valid UTF-8');
    return bytes.toString('utf8');
  }

  /** A positive number in its only spelling, without the zero byte that keeps the sign away. */
  positive(bytesMax: number): Buffer {
    const bytes = this.string();
    const [first = 0, second = 0] = bytes;
    if (bytes.length === 0 || first >= 0x80) throw malformed('number is not positive');
    if (first === 0 && second < 0x80) throw malformed('number has needless zeros');
    const digits = first === 0 ? bytes.subarray(1) : bytes;
    if (digits.length > bytesMax) throw malformed(`number is longer than ${bytesMax} bytes`);
    return digits;
  }

  finish(): void {
    if (this.remaining > 0) throw malformed(`${this.remaining} bytes behind the last field`);
  }
}

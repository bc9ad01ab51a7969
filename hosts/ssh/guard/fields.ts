// Fields of SSH messages (RFC 4251 §5): bounds first, trailing bytes refused.

import { isUtf8 } from 'node:buffer';
import { Violation } from './violation.ts';

const malformed = (message: string): Violation => new Violation('packet-malformed', message);

export class FieldReader {
  readonly #payload: Buffer;
  #offset: number;

  constructor(payload: Buffer, start: number) {
    this.#payload = payload;
    this.#offset = start;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#payload.length - this.#offset;
  }

  #take(bytes: number): number {
    if (bytes > this.remaining) throw malformed('the message ends inside a field');
    const offset = this.#offset;
    this.#offset += bytes;
    return offset;
  }

  boolean(): boolean {
    return this.#payload[this.#take(1)] !== 0;
  }

  uint32(): number {
    return this.#payload.readUInt32BE(this.#take(4));
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const length = this.uint32();
    const start = this.#take(length);
    return this.#payload.subarray(start, start + length);
  }

  /** Anything but valid UTF-8 is refused: what is judged must be what the target gets. */
  text(): string {
    const bytes = this.bytes();
    if (!isUtf8(bytes)) throw malformed('text is not valid UTF-8');
    return bytes.toString('utf8');
  }

  /** RFC 4251 §5: an empty list has no names. */
  names(): readonly string[] {
    const text = this.text();
    return text === '' ? [] : text.split(',');
  }

  rest(): Buffer {
    const start = this.#take(this.remaining);
    return this.#payload.subarray(start);
  }

  end(): void {
    if (this.remaining > 0) throw malformed('bytes follow the last field');
  }
}

/** Builds a payload field by field; it grows as needed. */
export class FieldWriter {
  readonly #parts: Buffer[];

  constructor(type: number) {
    this.#parts = [Buffer.of(type)];
  }

  boolean(value: boolean): this {
    this.#parts.push(Buffer.of(value ? 1 : 0));
    return this;
  }

  uint32(value: number): this {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(value);
    this.#parts.push(bytes);
    return this;
  }

  bytes(value: Buffer): this {
    this.uint32(value.length);
    this.#parts.push(value);
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value, 'utf8'));
  }

  names(values: readonly string[]): this {
    return this.text(values.join(','));
  }

  /** Fields that are encoded already. */
  raw(value: Buffer): this {
    this.#parts.push(value);
    return this;
  }

  payload(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

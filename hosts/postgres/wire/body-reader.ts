// Reads a message body field by field, PostgreSQL "Message Data Types". Every read checks its bounds first.

import { isUtf8 } from 'node:buffer';
import { headerBytes } from './frame-reader.ts';
import { malformed } from './wire-error.ts';

/** Text of a client: anything but valid UTF-8 is refused, since the target would read other text than we judged. */
export const strictText = (bytes: Buffer): string => {
  if (!isUtf8(bytes)) throw malformed('text is not valid UTF-8');
  return bytes.toString('utf8');
};

/**
 * Text of a server: a SQL_ASCII database and errors before the encoding is settled send other bytes too, which is
 * no reason to end a session. What is no UTF-8 shows as U+FFFD; who must keep it keeps the bytes.
 */
export const lossyText = (bytes: Buffer): string => bytes.toString('utf8');

/** Names are short: a loop finds their end sooner than the call that scans long texts faster. */
const nearBytes = 16;

export class BodyReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #offset: number;

  constructor(buffer: Buffer, start: number) {
    this.#buffer = buffer;
    this.#offset = start;
    this.#end = buffer.length;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  #take(bytes: number): number {
    if (bytes > this.remaining) throw malformed('message ends inside a field');
    const offset = this.#offset;
    this.#offset += bytes;
    return offset;
  }

  uint8(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  uint16(): number {
    return this.#buffer.readUInt16BE(this.#take(2));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  /** A view into the frame, not a copy. */
  bytes(length: number): Buffer {
    const offset = this.#take(length);
    return this.#buffer.subarray(offset, offset + length);
  }

  rest(): Buffer {
    return this.bytes(this.remaining);
  }

  /** The bytes of a String without its NUL. */
  cstring(): Buffer {
    const start = this.#offset;
    return this.#buffer.subarray(start, this.#skipString());
  }

  text(): string {
    const start = this.#offset;
    const end = this.#skipString();
    if (end - start > nearBytes) return strictText(this.#buffer.subarray(start, end));
    let bits = 0;
    for (let offset = start; offset < end; offset += 1) bits |= this.#buffer[offset] ?? 0;
    if (bits > 0x7f) return strictText(this.#buffer.subarray(start, end));
    return start === end ? '' : this.#buffer.toString('latin1', start, end);
  }

  #skipString(): number {
    const buffer = this.#buffer;
    let terminator = this.#offset;
    const near = Math.min(terminator + nearBytes, this.#end);
    while (terminator < near && buffer[terminator] !== 0) terminator += 1;
    if (terminator === near) terminator = buffer.indexOf(0, near);
    if (terminator === -1) throw malformed('string without terminator');
    this.#offset = terminator + 1;
    return terminator;
  }

  /** Int32 length and that many bytes; -1 is NULL. */
  value(): Buffer | null {
    const length = this.int32();
    if (length === -1) return null;
    if (length < 0) throw malformed(`value length ${length}`);
    return this.bytes(length);
  }

  /** A count whose items take at least `itemBytes` each: checked before anything is allocated for them. */
  count(itemBytes: number): number {
    const count = this.uint16();
    if (count * itemBytes > this.remaining) throw malformed('count exceeds the message');
    return count;
  }

  /** Format codes: 0 is text, 1 is binary, nothing else exists. */
  formats(): readonly number[] {
    const formats: number[] = [];
    for (let left = this.count(2); left > 0; left -= 1) formats.push(this.format());
    return formats;
  }

  format(): number {
    const format = this.uint16();
    if (format > 1) throw malformed(`format code ${format}`);
    return format;
  }

  finish(): void {
    if (this.remaining > 0) throw malformed(`${this.remaining} bytes behind the last field`);
  }
}

/** Opens a whole frame of one type; a frame of another type or size than its header says is refused. */
export const openFrame = (frame: Buffer, type: number): BodyReader => {
  if (frame.length < headerBytes) throw malformed('message shorter than its header');
  if (frame.readUInt8(0) !== type) throw malformed('message of another type');
  if (frame.readInt32BE(1) !== frame.length - 1) throw malformed('message length is not its size');
  return new BodyReader(frame, headerBytes);
};

// Cuts a byte stream into typed messages (type byte, Int32 length, body), PostgreSQL "Message Formats".
// A cursor, not an iterator of objects: the hot path, a chunk full of small DataRows, allocates nothing.

import { strict as assert } from 'node:assert';
import { backend, frontend, typeTable, type Direction } from './message-types.ts';
import { malformed, WireError } from './wire-error.ts';

export const headerBytes = 5;

/** Where a whole message lies: `buffer[start]` is its type byte, `end` is past its last byte. */
export interface FrameView {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface FrameReaderOptions {
  readonly direction: Direction;
  /** Largest frame (header included) of a type. Asked when the header is seen, before the body is buffered. */
  readonly bytesMax: (type: number) => number;
  /**
   * Whether a frame of the type that is larger than `streamBytesMin` comes in pieces instead of being gathered.
   * Asked when the header is seen; the answer depends on no chunk boundary, so neither does behaviour.
   */
  readonly streams?: (type: number) => boolean;
  readonly streamBytesMin?: number;
}

const known = {
  frontend: typeTable(Object.values(frontend)),
  backend: typeTable(Object.values(backend)),
};

const nothing = Buffer.alloc(0);
const never = (): boolean => false;

/** An announced length costs the peer 5 bytes, so it may not cost us more memory than this at once. */
const gatherBytesMin = 16 * 1024;

/**
 * Use: `push(chunk)`, then `while (reader.next())` act on `type` and `buffer[start, end)`.
 * The reader keeps no reference to a delivered frame, and never writes to one; a pushed chunk belongs to the reader.
 * A frame in pieces has `opens` on its first (which holds at least the header), `closes` on its last; whole frames have both.
 */
export class FrameReader implements FrameView {
  type = 0;
  buffer: Buffer = nothing;
  start = 0;
  end = 0;
  opens = true;
  closes = true;
  /** Size of the current frame as announced, header included. */
  frameBytes = 0;

  readonly #known: Uint8Array;
  readonly #bytesMax: (type: number) => number;
  readonly #streams: (type: number) => boolean;
  readonly #streamBytesMin: number;

  #chunk: Buffer = nothing;
  #offset = 0;
  /** Bytes of an unfinished frame that is being gathered: its header first. */
  #gathered: Buffer = nothing;
  #gatheredBytes = 0;
  /** Bytes still to come of a frame that is delivered in pieces. */
  #streamBytesLeft = 0;

  constructor(options: FrameReaderOptions) {
    this.#known = known[options.direction];
    this.#bytesMax = options.bytesMax;
    this.#streams = options.streams ?? never;
    this.#streamBytesMin = options.streamBytesMin ?? 64 * 1024;
  }

  /** Only after `next()` has answered false. */
  push(chunk: Buffer): void {
    assert(this.#offset === this.#chunk.length, 'push before the last chunk was read');
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** Bytes that were pushed and not delivered. */
  get unread(): number {
    return this.#gatheredBytes + this.#chunk.length - this.#offset;
  }

  /** Hands over what was not delivered, between two frames: it belongs to whoever reads next. */
  takeUnread(): Buffer {
    const gathered = this.#gathered.subarray(0, this.#gatheredBytes);
    const unread = Buffer.concat([gathered, this.#chunk.subarray(this.#offset)]);
    this.#offset = this.#chunk.length;
    this.#gatheredBytes = 0;
    return unread;
  }

  /** True between two frames with nothing waiting: where a stream may end. */
  get idle(): boolean {
    return this.unread === 0 && this.#streamBytesLeft === 0;
  }

  /**
   * Moves to the next frame or piece; false when more bytes are needed.
   * Throws WireError (again at each call) on a header that is unknown, malformed or too large.
   */
  next(): boolean {
    if (this.#streamBytesLeft > 0) return this.#nextPiece();
    if (this.#gatheredBytes > 0) return this.#nextGathered();
    const chunk = this.#chunk;
    const start = this.#offset;
    const available = chunk.length - start;
    if (available < headerBytes) return this.#gather(headerBytes);
    const bytes = this.#readHeader(chunk, start);
    this.buffer = chunk;
    this.start = start;
    this.opens = true;
    if (bytes <= available) {
      this.closes = true;
      this.end = this.#offset = start + bytes;
      return true;
    }
    if (!this.#isStreamed(bytes)) return this.#gather(bytes);
    this.closes = false;
    this.end = this.#offset = chunk.length;
    this.#streamBytesLeft = bytes - available;
    return true;
  }

  /**
   * Widens the current view over the whole frames that lie directly behind it and whose type `pass` marks, so that
   * they are forwarded as one slice; answers how many. A bad header ends the run: `next()` raises it.
   */
  extend(pass: Uint8Array): number {
    if (!this.closes || this.buffer !== this.#chunk || this.end !== this.#offset) return 0;
    const chunk = this.#chunk;
    let offset = this.#offset;
    let frames = 0;
    while (chunk.length - offset >= headerBytes) {
      const type = chunk.readUInt8(offset);
      if (pass[type] !== 1 || this.#known[type] !== 1) break;
      const length = chunk.readInt32BE(offset + 1);
      if (length < 4 || length >= chunk.length - offset) break;
      if (length >= this.#bytesMax(type)) break;
      offset += 1 + length;
      frames += 1;
    }
    this.end = this.#offset = offset;
    return frames;
  }

  #readHeader(buffer: Buffer, start: number): number {
    const type = buffer.readUInt8(start);
    if (this.#known[type] !== 1) {
      throw new WireError('message-unknown', `unknown message type 0x${type.toString(16)}`);
    }
    const length = buffer.readInt32BE(start + 1);
    if (length < 4) throw malformed(`message length ${length} is less than 4`);
    const bytes = 1 + length;
    const bytesMax = this.#bytesMax(type);
    if (bytes > bytesMax) {
      throw new WireError('message-too-large', `message of ${bytes} bytes, limit ${bytesMax}`);
    }
    this.type = type;
    this.frameBytes = bytes;
    return bytes;
  }

  #isStreamed(bytes: number): boolean {
    return bytes > this.#streamBytesMin && this.#streams(this.type);
  }

  #nextPiece(): boolean {
    const available = this.#chunk.length - this.#offset;
    if (available === 0) return false;
    const taken = Math.min(available, this.#streamBytesLeft);
    this.#streamBytesLeft -= taken;
    this.buffer = this.#chunk;
    this.start = this.#offset;
    this.end = this.#offset += taken;
    this.opens = false;
    this.closes = this.#streamBytesLeft === 0;
    return true;
  }

  #nextGathered(): boolean {
    if (this.#gatheredBytes < headerBytes && !this.#gather(headerBytes)) return false;
    const bytes = this.#readHeader(this.#gathered, 0);
    const streamed = this.#isStreamed(bytes);
    if (!streamed && !this.#gather(bytes)) return false;
    this.buffer = this.#gathered;
    this.start = 0;
    this.end = this.#gatheredBytes;
    this.opens = true;
    this.#streamBytesLeft = bytes - this.#gatheredBytes;
    this.closes = this.#streamBytesLeft === 0;
    this.#gathered = nothing;
    this.#gatheredBytes = 0;
    return true;
  }

  /** Copies from the chunk until `bytes` are gathered; memory grows with what was received, not with what was announced. */
  #gather(bytes: number): boolean {
    const received = this.#gatheredBytes;
    const available = this.#chunk.length - this.#offset;
    const wanted = Math.min(bytes, received + available);
    if (wanted === 0) return false;
    if (wanted > this.#gathered.length) {
      const capacity = Math.max(gatherBytesMin, wanted, 2 * this.#gathered.length);
      const grown = Buffer.allocUnsafe(bytes === headerBytes ? bytes : Math.min(bytes, capacity));
      this.#gathered.copy(grown, 0, 0, received);
      this.#gathered = grown;
    }
    this.#chunk.copy(this.#gathered, received, this.#offset, this.#offset + wanted - received);
    this.#offset += wanted - received;
    this.#gatheredBytes = wanted;
    return wanted === bytes;
  }
}

// Bytes of a source with some of them replaced, gathered in large buffers: what rows under masks are written to. Most runs
// that are kept are shorter than what a call out of JavaScript costs, so they are copied by the eight bytes.

import type { FrameView } from './frame-reader.ts';

const bufferBytes = 64 * 1024;
const loopBytesMax = 256;
/** Room behind a run, so that a short value fits without another look. */
const spareBytes = 64;
const nothing = Buffer.alloc(0);

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView =>
  new DataView(buffer, byteOffset, length);

/** Where a value lies in the source: one object for all of them. */
export interface MovingView {
  buffer: Buffer;
  start: number;
  end: number;
}

export class RewrittenBytes {
  #buffer: Buffer = nothing;
  #view = viewOf(nothing);
  /** Bytes between `#taken` and `#length` wait for `take()`. */
  #taken = 0;
  #length = 0;
  #source: Buffer = nothing;
  #sourceView = viewOf(nothing);
  /** Up to here the source is written or left out. */
  #done = 0;

  /** Bytes waiting. */
  get waiting(): number {
    return this.#length - this.#taken;
  }

  /** What was written since the last call. The buffer is the caller's: it is never written to again. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(this.#taken, this.#length);
    this.#taken = this.#length;
    return bytes;
  }

  /** Writes all of the source but what `rewrite` leaves out; nothing of it if that throws. */
  from(source: FrameView, rewrite: () => void): void {
    const before = this.waiting;
    this.#source = source.buffer;
    this.#sourceView = viewOf(source.buffer);
    this.#done = source.start;
    try {
      rewrite();
      this.#keep(source.end);
    } catch (error) {
      this.#length = this.#taken + before;
      throw error;
    } finally {
      this.#source = nothing;
      this.#sourceView = viewOf(nothing);
    }
  }

  /** Leaves out what lies between two offsets of the source; what is written next takes its place. */
  leaveOut(start: number, end: number): void {
    this.#keep(start);
    this.#done = end;
  }

  byte(value: number): void {
    if (this.#length === this.#buffer.length) this.#reserve(spareBytes);
    this.#buffer[this.#length] = value;
    this.#length += 1;
  }

  bytes(value: Buffer): void {
    for (let at = 0; at < value.length; at += 1) this.byte(value[at] ?? 0);
  }

  /** Overwrites the four bytes that are `back` bytes before the end of what waits. */
  int32Back(back: number, value: number): void {
    this.#view.setInt32(this.#length - back, value);
  }

  /** Corrects the length of the message that began at `start` in the source and has grown by `grown` since. */
  resize(start: number, end: number, grown: number): void {
    this.int32Back(this.#done - start + grown - 1, end - start + grown - 1);
  }

  #keep(to: number): void {
    const from = this.#done;
    this.#done = to;
    this.#reserve(to - from + spareBytes);
    if (to - from > loopBytesMax) {
      this.#length += this.#source.copy(this.#buffer, this.#length, from, to);
      return;
    }
    const view = this.#view;
    const source = this.#sourceView;
    let at = this.#length;
    let next = from;
    for (; next + 8 <= to; next += 8, at += 8) {
      view.setBigInt64(at, source.getBigInt64(next, true), true);
    }
    for (; next < to; next += 1, at += 1) view.setUint8(at, source.getUint8(next));
    this.#length = at;
  }

  #reserve(bytes: number): void {
    if (this.#buffer.length - this.#length >= bytes) return;
    const waiting = this.#buffer.subarray(this.#taken, this.#length);
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(bufferBytes, 2 * (waiting.length + bytes)));
    this.#view = viewOf(this.#buffer);
    this.#length = waiting.copy(this.#buffer);
    this.#taken = 0;
  }
}

// Bytes that are put together piece by piece and leave in large buffers: what the rewriters of rows write to.

const bufferBytes = 64 * 1024;
const loopBytesMax = 100;
const nothing = Buffer.alloc(0);

export class OutgoingBytes {
  #buffer: Buffer = nothing;
  /** Bytes between `#taken` and `#length` wait for `take()`. */
  #taken = 0;
  #length = 0;

  /** Bytes waiting. */
  get waiting(): number {
    return this.#length - this.#taken;
  }

  /** What was appended since the last call. The buffer is the caller's: it is never written to again. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(this.#taken, this.#length);
    this.#taken = this.#length;
    return bytes;
  }

  /** Makes room; all that is appended must have been reserved. */
  reserve(bytes: number): void {
    if (this.#buffer.length - this.#length >= bytes) return;
    const waiting = this.take();
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(bufferBytes, 2 * (waiting.length + bytes)));
    this.#length = waiting.copy(this.#buffer);
    this.#taken = 0;
  }

  copy(source: Buffer, from: number, to: number): void {
    // Most runs are a few short values: for them a loop is faster than a call out of JavaScript.
    if (to - from > loopBytesMax) {
      this.#length += source.copy(this.#buffer, this.#length, from, to);
      return;
    }
    const buffer = this.#buffer;
    let length = this.#length;
    for (let at = from; at < to; at += 1) buffer[length++] = source[at] ?? 0;
    this.#length = length;
  }

  byte(value: number): void {
    this.#buffer[this.#length] = value;
    this.#length += 1;
  }

  int32(value: number): void {
    this.#set(this.#length, value);
    this.#length += 4;
  }

  /** Overwrites four bytes that are `back` bytes before the end. */
  int32Back(back: number, value: number): void {
    this.#set(this.#length - back, value);
  }

  #set(at: number, value: number): void {
    const buffer = this.#buffer;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }
}

// Gathers what a masker puts out for one chunk. A chunk of which nothing changed goes out as it is, uncopied.

const nothing = Buffer.alloc(0);
const roomBytesMin = 1024;
/** Shorter pieces are copied faster by a loop than by a call. */
const nearBytes = 24;

export class Outbox {
  #buffer: Buffer = nothing;
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  append(source: Buffer, start = 0, end = source.length): void {
    const bytes = end - start;
    if (this.#buffer.length - this.#length < bytes) this.#grow(bytes);
    if (bytes > nearBytes) {
      this.#length += source.copy(this.#buffer, this.#length, start, end);
      return;
    }
    const buffer = this.#buffer;
    let length = this.#length;
    for (let at = start; at < end; at += 1) buffer[length++] = source[at] ?? 0;
    this.#length = length;
  }

  /** Makes room at once where the size of what comes is known. */
  expect(bytes: number): void {
    if (this.#buffer.length - this.#length < bytes) this.#grow(bytes);
  }

  /** What was appended since the last call. The buffer is the caller's. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#buffer = nothing;
    this.#length = 0;
    return taken;
  }

  #grow(bytes: number): void {
    const capacity = Math.max(roomBytesMin, this.#length + bytes, 2 * this.#buffer.length);
    const grown = Buffer.allocUnsafeSlow(capacity);
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

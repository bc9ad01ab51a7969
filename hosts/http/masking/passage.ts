// A chunk on its way through a masker: runs that stay are copied as bytes, one token at a time may be held back.

import { escapeText } from './json-text.ts';
import { Outbox } from './outbox.ts';

const nothing = Buffer.alloc(0);
const quote = Buffer.from('"');

export class Passage {
  chunk: Buffer = nothing;
  /** The next byte to be read. */
  at = 0;
  readonly #out = new Outbox();
  /** Up to here the chunk is put out or dropped. */
  #done = 0;
  /** Where the open token begins; -1 when that was in an earlier chunk. */
  #start = 0;
  /** What earlier chunks had of the open token. */
  #held: Buffer = nothing;
  #heldBytes = 0;

  /** The chunk is the passage's: it may go out again. */
  open(chunk: Buffer): void {
    this.chunk = chunk;
    this.at = 0;
    this.#done = 0;
  }

  /** Everything that may go out, with the chunk read to its end. */
  close(): Buffer {
    const { chunk } = this;
    this.chunk = nothing;
    if (this.#out.isEmpty && this.#done === 0) return chunk;
    this.#copyTo(chunk, chunk.length);
    return this.#out.take();
  }

  begin(start: number): void {
    this.#start = start;
    this.#heldBytes = 0;
  }

  /** Bytes of the open token, up to `end` in this chunk. */
  tokenBytes(end: number): number {
    return this.#start === -1 ? this.#heldBytes + end : end - this.#start;
  }

  /** The open token up to `end`; a view, for as long as the token is open. */
  token(end: number): Buffer {
    if (this.#start !== -1) return this.chunk.subarray(this.#start, end);
    this.#gather(0, end);
    const token = this.#held.subarray(0, this.#heldBytes);
    this.#heldBytes -= end;
    return token;
  }

  /** The open token is a string that ends before `end`: what is between its quotes. */
  inner(end: number): Buffer {
    if (this.#start !== -1) return this.chunk.subarray(this.#start + 1, end - 1);
    return this.token(end).subarray(1, -1);
  }

  /** The chunk ends inside the token: nothing of it goes out yet. */
  hold(): void {
    const end = this.chunk.length;
    const from = Math.max(0, this.#start);
    if (this.#start !== -1) this.#copyTo(this.chunk, this.#start);
    this.#gather(from, end);
    this.#start = -1;
    this.#done = end;
  }

  /** The chunk ends inside the token, of which nothing will go out. */
  drop(): void {
    if (this.#start !== -1) this.#copyTo(this.chunk, this.#start);
    this.#start = -1;
    this.#heldBytes = 0;
    this.#done = this.chunk.length;
  }

  /** The token goes out as it came, as far as it was read. */
  keep(): void {
    if (this.#heldBytes > 0) this.#out.append(this.#held, 0, this.#heldBytes);
    this.#heldBytes = 0;
  }

  /** The token, which ends before `end`, goes out as `bytes`. */
  replace(bytes: Buffer, end: number): void {
    if (this.#start !== -1) this.#copyTo(this.chunk, this.#start);
    this.#out.append(bytes);
    this.#start = -1;
    this.#heldBytes = 0;
    this.#done = end;
  }

  /** As `replace`, by a string of this text. */
  replaceText(text: Buffer, end: number): void {
    this.replace(quote, end);
    this.#out.append(escapeText(text));
    this.#out.append(quote);
  }

  #copyTo(chunk: Buffer, end: number): void {
    if (end > this.#done) {
      if (this.#out.isEmpty) this.#out.expect(chunk.length);
      this.#out.append(chunk, this.#done, end);
    }
    this.#done = end;
  }

  #gather(from: number, end: number): void {
    const bytes = this.#heldBytes + end - from;
    if (bytes > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(64, bytes, 2 * this.#held.length));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    this.chunk.copy(this.#held, this.#heldBytes, from, end);
    this.#heldBytes = bytes;
  }
}

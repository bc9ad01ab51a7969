// Holds a stream of chunks to UTF-8 (RFC 3629): a character may be cut, not be broken.

import { isUtf8 } from 'node:buffer';
import { MaskError } from './mask-error.ts';

const nothing = Buffer.alloc(0);

/** How many bytes a character has by its first one; 0 for one that begins none. */
const characterBytes = (first: number): number => {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 0;
};

/** Where the character begins that `buffer` does not hold to its end; its length when it holds all. */
const cutAt = (buffer: Buffer): number => {
  const end = buffer.length;
  for (let at = end - 1; at >= 0 && at >= end - 3; at -= 1) {
    const byte = buffer[at] ?? 0;
    if (byte >= 0xc0) return at + characterBytes(byte) > end ? at : end;
    if (byte < 0x80) return end;
  }
  return end;
};

export class Utf8Check {
  /** Of a character that is not whole yet. */
  #cut: Buffer = nothing;

  /** Throws MaskError where no continuation can make the bytes so far valid, at the latest at the next chunk. */
  push(chunk: Buffer): void {
    let rest = chunk;
    if (this.#cut.length > 0) {
      const missing = characterBytes(this.#cut[0] ?? 0) - this.#cut.length;
      const character = Buffer.concat([this.#cut, chunk.subarray(0, missing)]);
      rest = chunk.subarray(missing);
      this.#cut = chunk.length < missing ? character : nothing;
      if (chunk.length < missing) return;
      if (!isUtf8(character)) throw notUtf8();
    }
    const cut = cutAt(rest);
    if (cut < rest.length) this.#cut = Buffer.from(rest.subarray(cut));
    if (!isUtf8(cut === rest.length ? rest : rest.subarray(0, cut))) throw notUtf8();
  }

  end(): void {
    if (this.#cut.length > 0) throw notUtf8();
  }
}

const notUtf8 = (): MaskError => new MaskError('body-not-utf8', 'body is not valid UTF-8');

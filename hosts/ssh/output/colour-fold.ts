// Takes colours out of a text and puts them back, so that a value is found although a program coloured a part of it:
// SGR and EL (ECMA-48 §8.3.117, §8.3.41), which is what `grep --color` writes around a match.

import { byteClass, type Cut } from '#engine/masking';

const bracket = 0x5b;
const parameters = byteClass('0;');
const finals = byteClass('mm', 'KK');

/** More between two characters part a value: what is taken out is held, and bounded. */
const gapBytesMax = 128;

interface Folded {
  /** Offset, in the text, of the character that followed. */
  readonly at: number;
  readonly bytes: Buffer;
}

export class ColourFold {
  /** Taken out and not yet put back, in order, at most one for each place. */
  #folded: Folded[] = [];
  /** Bytes of text so far. */
  #offset = 0;
  /** The last place at which something was taken out, and how much there. */
  #gapAt = -1;
  #gapBytes = 0;

  get isEmpty(): boolean {
    return this.#folded.length === 0;
  }

  /** So many bytes of text come next. */
  passBy(bytes: number): void {
    this.#offset += bytes;
  }

  /** Takes out a whole control sequence that is a colour; false when it is to stay. */
  take(sequence: Buffer): boolean {
    if (!isColour(sequence)) return false;
    if (this.#gapAt !== this.#offset) this.#gapBytes = 0;
    this.#gapAt = this.#offset;
    this.#gapBytes += sequence.length;
    if (this.#gapBytes > gapBytesMax) return false;
    const last = this.#folded.at(-1);
    const isNew = last?.at !== this.#offset;
    const bytes = isNew ? Buffer.from(sequence) : Buffer.concat([last.bytes, sequence]);
    this.#folded.splice(isNew ? this.#folded.length : -1, 1, { at: this.#offset, bytes });
    return true;
  }

  /**
   * `text`, which stands for the text up to `released` with these cuts, with its colours; those from within a masked value
   * stand behind its mask. `from`: the offset for which its first byte stands.
   */
  putBack(text: Buffer, from: number, released: number, cuts: readonly Cut[]): Buffer {
    const pieces: Buffer[] = [];
    let done = 0;
    let shift = -from;
    let cutEnd = 0;
    let cutsPassed = 0;
    let put = 0;
    for (const { at, bytes } of this.#folded) {
      if (at > released) break;
      for (let cut = cuts[cutsPassed]; cut !== undefined && cut.at < at; cut = cuts[cutsPassed]) {
        shift += cut.put - cut.taken;
        cutEnd = cut.at + cut.taken;
        cutsPassed += 1;
      }
      const place = Math.max(at, cutEnd) + shift;
      pieces.push(text.subarray(done, place), bytes);
      done = place;
      put += 1;
    }
    if (put === 0) return text;
    this.#folded = this.#folded.slice(put);
    return Buffer.concat([...pieces, text.subarray(done)]);
  }

  /** A new text begins; everything was put back. */
  renew(): void {
    this.#offset = 0;
    this.#gapAt = -1;
  }
}

const isColour = (sequence: Buffer): boolean => {
  const last = sequence.length - 1;
  if (sequence[1] !== bracket || finals[sequence[last] ?? 0] !== 1) return false;
  for (let at = 2; at < last; at += 1) if (parameters[sequence[at] ?? 0] !== 1) return false;
  return true;
};

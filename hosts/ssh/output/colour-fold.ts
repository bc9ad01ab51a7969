// Takes colours out of a text and puts them back, so that a value is found although a program coloured a part of it:
// SGR and EL (ECMA-48 §8.3.117, §8.3.41), which is what `grep --color` writes around a match.

import type { Cut } from '#engine/masking';

const nothing = Buffer.alloc(0);
const escape = 0x1b;
const bracket = 0x5b;
const isParameter = (byte: number): boolean => byte >= 0x30 && byte <= 0x3b;
const isFoldedFinal = (byte: number): boolean => byte === 0x6d || byte === 0x4b;

/** Longer sequences, and more of them between two characters, are text like any other and part a value. */
const sequenceBytesMax = 64;
const gapBytesMax = 128;

interface Folded {
  /** Offset, in the stream of text, of the character that followed. */
  readonly at: number;
  readonly bytes: Buffer;
}

export class ColourFold {
  /** Taken out and not yet put back, in order, at most one for each place. */
  #folded: Folded[] = [];
  /** The beginning of what may be a sequence. */
  #partial: Buffer = nothing;
  /** Text given out so far. */
  #offset = 0;
  /** The last place at which something was taken out, and how much there. */
  #gapAt = -1;
  #gapBytes = 0;

  /** Whether a chunk without escapes may go round the fold; then `skip` must say how long it was. */
  get isEmpty(): boolean {
    return this.#folded.length === 0 && this.#partial.length === 0;
  }

  skip(bytes: number): void {
    this.#offset += bytes;
  }

  /** The text of a chunk. */
  take(chunk: Buffer): Buffer {
    const input = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    this.#partial = nothing;
    const pieces: Buffer[] = [];
    let done = 0;
    let at = input.indexOf(escape);
    while (at !== -1) {
      const end = endOfSequence(input, at);
      if (end === 'more') break;
      if (end !== undefined) {
        this.#offset += at - done;
        if (at > done) pieces.push(input.subarray(done, at));
        done = this.#fold(input.subarray(at, end)) ? end : at;
      }
      at = input.indexOf(escape, end ?? at + 1);
    }
    const textEnd = at === -1 ? input.length : at;
    this.#partial = Buffer.from(input.subarray(textEnd));
    this.#offset += textEnd - done;
    pieces.push(input.subarray(done, textEnd));
    return pieces.length === 1 ? (pieces[0] ?? nothing) : Buffer.concat(pieces);
  }

  /** The beginning of a sequence that will have no end: text after all. */
  takeLast(): Buffer {
    const last = this.#partial;
    this.#partial = nothing;
    this.#offset += last.length;
    return last;
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

  #fold(sequence: Buffer): boolean {
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
}

/** Past the sequence that begins at `at`; undefined when it is none that is folded. */
const endOfSequence = (input: Buffer, at: number): number | 'more' | undefined => {
  if (at + 1 === input.length) return 'more';
  if (input[at + 1] !== bracket) return undefined;
  const limit = at + sequenceBytesMax;
  for (let end = at + 2; end < limit; end += 1) {
    const byte = input[end];
    if (byte === undefined) return 'more';
    if (isFoldedFinal(byte)) return end + 1;
    if (!isParameter(byte)) return undefined;
  }
  return undefined;
};

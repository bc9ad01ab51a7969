// Finds the names that selectors look for among the names of a document, whatever their case.

import { isAscii } from 'node:buffer';

/**
 * The form in which names are compared. Clients match names without case, some by Unicode's folding (`ſ` is an `s`, the
 * Kelvin sign a `k`), some after normalising; a name that any of them takes for the selected one is the selected one.
 */
export const foldName = (name: string): string =>
  name.normalize('NFKC').toUpperCase().toLowerCase();

/** Longer names than this share a row of the gate. */
const lengthsMax = 63;

export class NameTable {
  /** Of names without a place. */
  readonly none: number;

  readonly #places = new Map<string, number>();
  readonly #ascii: { readonly place: number; readonly bytes: Buffer }[] = [];
  /** 1 where an ASCII name has this length and first byte: most names of a document end here. */
  readonly #gate = new Uint8Array((lengthsMax + 1) * 256);

  /** `names` folded; a name's place is where it first stands. */
  constructor(names: readonly string[]) {
    for (const name of names) {
      if (this.#places.has(name)) continue;
      const place = this.#places.size;
      this.#places.set(name, place);
      const bytes = Buffer.from(name);
      if (isAscii(bytes)) this.#admit(place, bytes);
    }
    this.none = this.#places.size;
  }

  get size(): number {
    return this.#places.size;
  }

  #admit(place: number, bytes: Buffer): void {
    this.#ascii.push({ place, bytes });
    const row = Math.min(bytes.length, lengthsMax) << 8;
    const [first = 0] = bytes;
    this.#gate[row | first] = 1;
    this.#gate[row | upper(first)] = 1;
  }

  /** The place of a name of ASCII bytes without escapes: `buffer[start, end)`. */
  placeOfAscii(buffer: Buffer, start: number, end: number): number {
    const row = Math.min(end - start, lengthsMax) << 8;
    const first = end === start ? 0 : (buffer[start] ?? 0);
    if (this.#gate[row | first] === 0) return this.none;
    for (const { place, bytes } of this.#ascii) {
      if (bytes.length === end - start && isSameAscii(bytes, buffer, start)) return place;
    }
    return this.none;
  }

  placeOf(name: string): number {
    return this.#places.get(foldName(name)) ?? this.none;
  }
}

const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
const upper = (byte: number): number => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);

const isSameAscii = (folded: Buffer, buffer: Buffer, start: number): boolean => {
  for (let at = 0; at < folded.length; at += 1) {
    const byte = buffer[start + at] ?? 0;
    if ((isUpper(byte) ? byte | 0x20 : byte) !== folded[at]) return false;
  }
  return true;
};

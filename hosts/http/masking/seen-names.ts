// The selected names that the open objects of a document had: none may come twice.

import { MaskError } from './mask-error.ts';

export class SeenNames {
  readonly #words: number;
  /** A row of bits for each depth. */
  readonly #bits: Uint32Array;

  constructor(names: number, depthMax: number) {
    this.#words = Math.ceil(names / 32);
    this.#bits = new Uint32Array((depthMax + 1) * this.#words);
  }

  /** An object opens at this depth. */
  clear(depth: number): void {
    const end = (depth + 1) * this.#words;
    for (let word = depth * this.#words; word < end; word += 1) this.#bits[word] = 0;
  }

  /** Of a name that comes twice clients take the first, the last or both: such an object means nothing certain. */
  add(depth: number, place: number): void {
    const word = depth * this.#words + (place >> 5);
    const bits = this.#bits[word] ?? 0;
    const bit = 1 << (place & 31);
    if ((bits & bit) !== 0) {
      throw new MaskError('json-name-repeated', 'selected name comes twice in an object');
    }
    this.#bits[word] = bits | bit;
  }
}

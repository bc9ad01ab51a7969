// Reads WebAssembly's binary format (Core Specification 2.0, §5.2): bytes, LEB128 integers, stretches of bytes.

import { PolicyError } from '../../model/index.ts';

export const unmeterable = (why: string): PolicyError =>
  new PolicyError('policy-load', `the compiled policy cannot be metered: ${why}`);

/** Every method throws PolicyError `policy-load` rather than read beyond the last byte. */
export class BinaryReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Offset of the byte that is read next. */
  get position(): number {
    return this.#position;
  }

  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined) throw unmeterable('it is truncated');
    this.#position += 1;
    return byte;
  }

  /** A u32, in one to five bytes. */
  unsigned(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 2 ** 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      if (value >= 2 ** 32) break;
      return value;
    }
    throw unmeterable('an integer is out of range');
  }

  /** Exact where it needs no more than 53 bits. */
  signed(bits: 32 | 33 | 64): number {
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte();
      if (shift + 7 > bits) {
        // What has no room in the type repeats its sign.
        const sign = (byte << 25) >> (24 + bits - shift);
        if (byte >= 0x80 || (sign !== 0 && sign !== -1)) break;
      }
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - 2 ** (shift + 7);
    }
    throw unmeterable('an integer is out of range');
  }

  /** That many bytes, not copied. */
  take(count: number): Uint8Array {
    const start = this.#position;
    if (count > this.#bytes.length - start) throw unmeterable('it is truncated');
    this.#position += count;
    return this.#bytes.subarray(start, this.#position);
  }
}

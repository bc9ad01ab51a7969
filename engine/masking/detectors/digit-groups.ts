// Numbers as people write them: digits, with a single space or hyphen between groups.

import type { Place } from './detector.ts';

export interface DigitRun {
  /** Values 0 to 9. */
  readonly digits: readonly number[];
  /** `ends[i]`: past digit i. Only where no further digit follows directly, else 0. */
  readonly ends: readonly number[];
}

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;
const isSeparator = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x2d;

/**
 * At most `digitsMax` digits from `at`, where a group begins. `'more'` when the text ends
 * before that many digits and may go on.
 */
export const digitRun = (place: Place, digitsMax: number): DigitRun | 'more' => {
  const { text, at, final } = place;
  const digits: number[] = [];
  const ends: number[] = [];
  let offset = at;
  for (;;) {
    digits.push((text[offset] ?? 0x30) - 0x30);
    offset += 1;
    if (offset === text.length && !final) return 'more';
    const groupEnds = !isDigit(text[offset]);
    ends.push(groupEnds ? offset : 0);
    if (digits.length === digitsMax) return { digits, ends };
    if (!groupEnds) continue;
    if (!isSeparator(text[offset])) return { digits, ends };
    offset += 1;
    if (offset === text.length && !final) return 'more';
    if (!isDigit(text[offset])) return { digits, ends };
  }
};

/** Whether so many digits stand or may come to stand at `at`. Most numbers are short: this is asked first. */
export const mayHaveDigits = ({ text, at, final }: Place, count: number): boolean => {
  let found = 0;
  for (let offset = at; found < count; offset += 1) {
    const byte = text[offset];
    if (isDigit(byte)) found += 1;
    else if (byte === undefined) return !final;
    else if (!isSeparator(byte)) return false;
    else if (offset + 1 < text.length && !isDigit(text[offset + 1])) return false;
  }
  return true;
};

/** ISO/IEC 7812-1 annex B, over the first `count` digits. */
export const isLuhn = (digits: readonly number[], count = digits.length): boolean => {
  let sum = 0;
  for (let at = 0; at < count; at += 1) {
    const digit = digits[at] ?? 0;
    const doubled = (count - at) % 2 === 0 ? 2 * digit : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
};

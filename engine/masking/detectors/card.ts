// Payment card numbers: ISO/IEC 7812-1, with the prefixes of the schemes in use.

import { byteClass, digits, noBytes, type Detector, type Match, type Place } from './detector.ts';
import { digitRun, isLuhn, mayHaveDigits, type DigitRun } from './digit-groups.ts';

interface Scheme {
  /** First six digits, from and to. */
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
}

const schemes: readonly Scheme[] = [
  { from: 400_000, to: 499_999, lengths: [13, 16, 19] },
  { from: 510_000, to: 559_999, lengths: [16] },
  { from: 222_100, to: 272_099, lengths: [16] },
  { from: 340_000, to: 349_999, lengths: [15] },
  { from: 370_000, to: 379_999, lengths: [15] },
  { from: 300_000, to: 305_999, lengths: [14, 16, 19] },
  { from: 360_000, to: 369_999, lengths: [14, 16, 19] },
  { from: 380_000, to: 399_999, lengths: [14, 16, 19] },
  { from: 352_800, to: 358_999, lengths: [16, 17, 18, 19] },
  { from: 500_000, to: 509_999, lengths: [13, 14, 15, 16, 17, 18, 19] },
  { from: 560_000, to: 699_999, lengths: [13, 14, 15, 16, 17, 18, 19] },
  { from: 810_000, to: 819_999, lengths: [16, 17, 18, 19] },
  { from: 220_000, to: 220_499, lengths: [16, 17, 18, 19] },
];

const digitsMin = 13;
const digitsMax = 19;

const isCard = ({ digits: all }: DigitRun, count: number): boolean => {
  const prefix = all.slice(0, 6).reduce((number, digit) => 10 * number + digit, 0);
  const known = schemes.some(
    ({ from, to, lengths }) => prefix >= from && prefix <= to && lengths.includes(count),
  );
  return known && isLuhn(all, count);
};

const match = (place: Place): Match | 'more' | undefined => {
  if (!mayHaveDigits(place, digitsMin)) return undefined;
  const run = digitRun(place, digitsMax);
  if (run === 'more') return run;
  for (let count = run.digits.length; count >= digitsMin; count -= 1) {
    const end = run.ends[count - 1] ?? 0;
    if (end > 0 && isCard(run, count)) return { start: place.at, end };
  }
  return undefined;
};

export const card: Detector = {
  name: 'card',
  triggers: digits,
  seconds: byteClass('09', '  ', '--'),
  notBehind: digits,
  bytesMin: digitsMin,
  lookBehind: 0,
  behind: noBytes,
  inNumbers: true,
  match,
};

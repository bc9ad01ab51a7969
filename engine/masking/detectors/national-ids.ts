// National identity numbers that have a check digit, so that few other numbers look like them.

import {
  alphanumerics,
  byteClass,
  digits as digitBytes,
  noBytes,
  type Detector,
  type Match,
  type Place,
} from './detector.ts';
import { isLuhn } from './digit-groups.ts';

const numberAt = (text: Buffer, at: number, bytes: number): readonly number[] | undefined => {
  const found: number[] = [];
  for (let offset = at; offset < at + bytes; offset += 1) {
    const byte = text[offset] ?? 0;
    if (digitBytes[byte] !== 1) return undefined;
    found.push(byte - 0x30);
  }
  return found;
};

/** A word of one of these lengths that `isValid`; `bytesMax` decides how much text must be there. */
const wordDetector = (
  name: string,
  triggers: Uint8Array,
  lengths: readonly number[],
  isValid: (text: Buffer, at: number, bytes: number) => boolean,
): Detector => ({
  name,
  triggers,
  seconds: digitBytes,
  notBehind: alphanumerics,
  bytesMin: Math.min(...lengths),
  lookBehind: 0,
  behind: noBytes,
  inNumbers: triggers === digitBytes,
  match: ({ text, at, final }: Place): Match | 'more' | undefined => {
    if (!final && text.length - at <= Math.max(...lengths)) return 'more';
    for (const bytes of lengths) {
      const end = at + bytes;
      if (end > text.length || alphanumerics[text[end] ?? 0] === 1) continue;
      if (isValid(text, at, bytes)) return { start: at, end };
    }
    return undefined;
  },
});

/** Burgerservicenummer: nine digits, the "elfproef". */
const isBsn = (text: Buffer, at: number): boolean => {
  const digits = numberAt(text, at, 9);
  if (digits === undefined || digits.every((digit) => digit === 0)) return false;
  const sum = digits.reduce(
    (total, digit, index) => total + digit * (index === 8 ? -1 : 9 - index),
    0,
  );
  return sum % 11 === 0;
};

/** Real Decreto 1553/2005 and Orden INT/2058/2008: the letter is the number modulo 23; an NIE begins with X, Y or Z. */
const dniLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

const isDni = (text: Buffer, at: number): boolean => {
  if (digitBytes[text[at + 8] ?? 0] === 1) return false;
  const word = text.toString('latin1', at, at + 9).toUpperCase();
  const parts = /^([0-9XYZ])([0-9]{7})([A-Z])$/.exec(word);
  if (parts === null) return false;
  const [, first = '', rest = '', letter] = parts;
  const lead = 'XYZ'.indexOf(first);
  const number = Number((lead === -1 ? first : String(lead)) + rest);
  return dniLetters[number % 23] === letter;
};

/** Personnummer (YYMMDD-NNNC, also with century, `+` or nothing for the hyphen), Luhn over ten digits. */
const isPersonnummer = (text: Buffer, at: number, bytes: number): boolean => {
  const separated = bytes === 11 || bytes === 13;
  const dateBytes = bytes >= 12 ? 8 : 6;
  const sign = text[at + dateBytes];
  if (separated && sign !== 0x2d && sign !== 0x2b) return false;
  const date = numberAt(text, at, dateBytes);
  const serial = numberAt(text, at + dateBytes + (separated ? 1 : 0), 4);
  if (date === undefined || serial === undefined) return false;
  const [, , monthTens = 0, month = 0, dayTens = 0, day = 0] = date.slice(-6);
  const isDate = isWithin(10 * monthTens + month, 12) && isWithin((10 * dayTens + day) % 60, 31);
  return isDate && isLuhn([...date.slice(-6), ...serial]);
};

const isWithin = (number: number, max: number): boolean => number >= 1 && number <= max;

export const nationalIds: readonly Detector[] = [
  wordDetector('nl-bsn', digitBytes, [9], isBsn),
  wordDetector('es-dni', byteClass('09', 'XZ', 'xz'), [9], isDni),
  wordDetector('se-personnummer', digitBytes, [13, 12, 11, 10], isPersonnummer),
];

// International bank account numbers: ISO 13616, check digits by ISO 7064 MOD 97-10.

import {
  alphanumerics,
  byteClass,
  noBytes,
  type Detector,
  type Match,
  type Place,
} from './detector.ts';

const charactersMin = 15;
const charactersMax = 34;
const letters = byteClass('AZ', 'az');
const space = 0x20;
const nine = 0x39;

/** Two letters, two digits, then letters and digits; a single space may stand between groups. */
const match = ({ text, at, final }: Place): Match | 'more' | undefined => {
  if (at + 3 < text.length && (text[at + 2] ?? 0) > nine) return undefined;
  const characters: number[] = [];
  let found: Match | undefined;
  for (let offset = at; characters.length < charactersMax; offset += 1) {
    if (offset >= text.length) return final ? found : 'more';
    const byte = text[offset] ?? 0;
    if (byte === space && characters.length > 3) {
      if (text[offset + 1] === space) return found;
      continue;
    }
    if (!isAllowed(byte, characters.length)) return found;
    characters.push(byte);
    if (offset + 1 === text.length && !final) return 'more';
    const ends = alphanumerics[text[offset + 1] ?? 0] !== 1;
    if (ends && characters.length >= charactersMin && isMod97(characters)) {
      found = { start: at, end: offset + 1 };
    }
  }
  return found;
};

const isAllowed = (byte: number, position: number): boolean => {
  if (position < 2) return letters[byte] === 1;
  if (position < 4) return byte >= 0x30 && byte <= 0x39;
  return alphanumerics[byte] === 1;
};

const isMod97 = (characters: readonly number[]): boolean => {
  let remainder = 0;
  for (const byte of [...characters.slice(4), ...characters.slice(0, 4)]) {
    const isDigit = byte <= 0x39;
    const value = isDigit ? byte - 0x30 : (byte | 0x20) - 0x61 + 10;
    remainder = ((isDigit ? 10 : 100) * remainder + value) % 97;
  }
  return remainder === 1;
};

export const iban: Detector = {
  name: 'iban',
  triggers: letters,
  seconds: letters,
  notBehind: alphanumerics,
  bytesMin: charactersMin,
  lookBehind: 0,
  behind: noBytes,
  inNumbers: false,
  match,
};

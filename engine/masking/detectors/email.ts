// E-mail addresses as they are written: dot-atom "@" domain with a dot (RFC 5321 §4.1.2), UTF-8 allowed (RFC 6531).

import { byteClass, endOfRun, noBytes, type Detector, type Match, type Place } from './detector.ts';

/** RFC 5322 §3.2.3 atext without `{|}`, which texts write around addresses; the dot; every character beyond ASCII. */
const localBytes = byteClass(
  '09',
  'AZ',
  'az',
  '..',
  '!!',
  "#'",
  '**',
  '++',
  '--',
  '//',
  '==',
  '??',
  '^`',
  '~~',
  '\x80\xff',
);
const domainBytes = byteClass('09', 'AZ', 'az', '..', '--', '\x80\xff');
/** RFC 5321 §4.5.3.1: of a longer local part, the last bytes are taken. */
const localBytesMax = 64;
const domainBytesMax = 255;
const dot = 0x2e;
const hyphen = 0x2d;

const isInsideCharacter = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0xc0) === 0x80;

const match = ({ text, at, floor, final }: Place): Match | 'more' | undefined => {
  const lowest = Math.max(floor, at - localBytesMax);
  let start = at;
  while (start > lowest && localBytes[text[start - 1] ?? 0] === 1) start -= 1;
  while (start < at && isInsideCharacter(text[start])) start += 1;
  if (start === at) return undefined;
  let end = endOfRun(text, at + 1, domainBytes, domainBytesMax);
  if (end === text.length && !final && end - at - 1 < domainBytesMax) return 'more';
  while (end > at + 1 && (text[end - 1] === dot || text[end - 1] === hyphen)) end -= 1;
  while (end > at + 1 && isInsideCharacter(text[end])) end -= 1;
  const point = text.indexOf(dot, at + 1);
  return point > at + 1 && point < end ? { start, end } : undefined;
};

export const email: Detector = {
  name: 'email',
  triggers: byteClass('@@'),
  seconds: domainBytes,
  notBehind: noBytes,
  bytesMin: 4,
  lookBehind: localBytesMax,
  behind: localBytes,
  inNumbers: false,
  match,
};

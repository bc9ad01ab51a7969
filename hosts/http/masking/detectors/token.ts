// Keys and tokens that say by their first characters what they are.

import {
  alphanumerics,
  byteBefore,
  byteClass,
  endOfRun,
  type Detector,
  type Match,
  type Place,
} from './detector.ts';

interface Shape {
  readonly prefix: Buffer;
  /** What may follow the prefix, and how much of it must. */
  readonly body: Uint8Array;
  readonly bytesMin: number;
  /** What the body must hold besides. */
  readonly holds?: Buffer;
}

const word = byteClass('09', 'AZ', 'az', '__');
const dashed = byteClass('09', 'AZ', 'az', '__', '--');
const upperAlphanumerics = byteClass('09', 'AZ');
/** Base64url parts with dots between them: RFC 7515 §7.1, RFC 7516 §7.1. */
const compact = byteClass('09', 'AZ', 'az', '__', '--', '..');

const shape = (prefix: string, body: Uint8Array, bytesMin: number): Shape => ({
  prefix: Buffer.from(prefix),
  body,
  bytesMin,
});

const shapes: readonly Shape[] = [
  ...['AKIA', 'ASIA'].map((prefix) => shape(prefix, upperAlphanumerics, 16)),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => shape(prefix, word, 30)),
  shape('github_pat_', word, 22),
  shape('glpat-', dashed, 20),
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxe.', 'xapp-'].map((prefix) =>
    shape(prefix, compact, 10),
  ),
  shape('slp_', dashed, 20),
  ...['sk_live_', 'rk_live_', 'sk_test_', 'rk_test_', 'whsec_'].map((prefix) =>
    shape(prefix, word, 16),
  ),
  shape('sk-', dashed, 20),
  shape('npm_', word, 36),
  shape('AIza', dashed, 35),
  shape('SG.', compact, 40),
  { prefix: Buffer.from('eyJ'), body: compact, bytesMin: 17, holds: Buffer.from('.') },
];

/** Longer values are masked as `fixed`, to their last byte. */
const valueBytesMax = 16 * 1024;

const matchShape = ({ text, at, final }: Place, { prefix, body, bytesMin, holds }: Shape) => {
  const bodyAt = at + prefix.length;
  const given = text.subarray(at, bodyAt);
  if (given.length < prefix.length) {
    return !final && prefix.subarray(0, given.length).equals(given) ? 'more' : undefined;
  }
  if (!given.equals(prefix)) return undefined;
  const end = endOfRun(text, bodyAt, body, valueBytesMax);
  const isLong = end - bodyAt === valueBytesMax;
  if (end === text.length && !final && !isLong) return 'more';
  if (end - bodyAt < bytesMin) return undefined;
  if (holds !== undefined && !text.subarray(bodyAt, end).includes(holds)) return undefined;
  return isLong ? { start: at, end, rest: body } : { start: at, end };
};

const pemBegin = Buffer.from('-----BEGIN ');
const pemLabelEnd = Buffer.from('PRIVATE KEY-----');
const pemEnd = Buffer.from('-----END ');
/** RFC 7468, the headers of RFC 1421, and line ends that were escaped once more. */
const pemBytes = byteClass(
  '09',
  'AZ',
  'az',
  '++',
  '//',
  '==',
  '--',
  '::',
  ',,',
  '\\\\',
  '  ',
  '\t\t',
  '\n\n',
  '\r\r',
);
const pemLabelBytesMax = 64;
const dash = 0x2d;

/** A private key without its end is one to the last byte that can belong to it. */
const matchPem = ({ text, at, final }: Place): Match | 'more' | undefined => {
  const head = text.subarray(at, at + pemBegin.length + pemLabelBytesMax);
  const known = Math.min(head.length, pemBegin.length);
  if (!pemBegin.subarray(0, known).equals(head.subarray(0, known))) return undefined;
  const isWholeHead = final || head.length === pemBegin.length + pemLabelBytesMax;
  const label = head.indexOf(pemLabelEnd);
  if (label === -1) return isWholeHead ? undefined : 'more';
  const bodyAt = at + label + pemLabelEnd.length;
  const run = endOfRun(text, bodyAt, pemBytes, valueBytesMax);
  const footer = text.subarray(bodyAt, run).indexOf(pemEnd);
  const footerEnd = footer === -1 ? -1 : text.indexOf('-----', bodyAt + footer + pemEnd.length);
  if (footerEnd !== -1 && footerEnd + 5 <= run) return { start: at, end: footerEnd + 5 };
  if (run - bodyAt === valueBytesMax) return { start: at, end: run, rest: pemBytes };
  return run === text.length && !final ? 'more' : { start: at, end: run };
};

const match = (place: Place): Match | 'more' | undefined => {
  if (place.text[place.at] === dash) return matchPem(place);
  if (alphanumerics[byteBefore(place)] === 1) return undefined;
  let undecided: 'more' | undefined;
  for (const known of shapes) {
    const found = matchShape(place, known);
    if (found === 'more') undecided = found;
    else if (found !== undefined) return found;
  }
  return undecided;
};

const triggers = byteClass('--');
for (const { prefix } of shapes) triggers[prefix[0] ?? 0] = 1;

export const token: Detector = { name: 'token', triggers, lookBehind: 0, inNumbers: false, match };

// Keys and tokens that say by their first characters what they are.

import {
  alphanumerics,
  byteClass,
  endOfRun,
  noBytes,
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

const matchShape = (
  { text, at, final }: Place,
  { prefix, body, bytesMin, holds }: Shape,
): Match | 'more' | undefined => {
  const bodyAt = at + prefix.length;
  for (let offset = 1; offset < prefix.length; offset += 1) {
    if (at + offset === text.length) return final ? undefined : 'more';
    if (text[at + offset] !== prefix[offset]) return undefined;
  }
  const end = endOfRun(text, bodyAt, body, valueBytesMax);
  const isLong = end - bodyAt === valueBytesMax;
  if (end === text.length && !final && !isLong) return 'more';
  if (end - bodyAt < bytesMin) return undefined;
  if (holds !== undefined && !text.subarray(bodyAt, end).includes(holds)) return undefined;
  return isLong ? { start: at, end, rest: body } : { start: at, end };
};

const shapesByFirst: readonly (readonly Shape[])[] = Array.from({ length: 256 }, (_, byte) =>
  shapes.filter(({ prefix }) => prefix[0] === byte),
);

const match = (place: Place): Match | 'more' | undefined => {
  let undecided: 'more' | undefined;
  for (const known of shapesByFirst[place.text[place.at] ?? 0] ?? []) {
    const found = matchShape(place, known);
    if (found === 'more') undecided = found;
    else if (found !== undefined) return found;
  }
  return undecided;
};

const triggers = byteClass();
const seconds = byteClass();
for (const { prefix } of shapes) {
  triggers[prefix[0] ?? 0] = 1;
  seconds[prefix[1] ?? 0] = 1;
}

export const token: Detector = {
  name: 'token',
  triggers,
  seconds,
  notBehind: alphanumerics,
  bytesMin: 14,
  lookBehind: 0,
  behind: noBytes,
  inNumbers: false,
  match,
};

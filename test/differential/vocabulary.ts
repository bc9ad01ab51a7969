// The texts and numbers that policies and inputs are made of: ordinary ones, and those that implementations trip over.

import type { Random } from '../support/random.ts';
import { between } from '../support/random.ts';
import type { Draw } from './draw.ts';
import { chance, pick } from './draw.ts';

const plain = [
  'SELECT',
  'DELETE',
  'CREATE TABLE',
  'public.users',
  'public.users.email',
  'read',
  'write',
  'dba',
  'engineering',
  'ada',
  'human',
  'production',
  'env',
  '10.0.0.1',
  '192.168.1.7',
  'postgres',
];
const odd = [
  '',
  ' ',
  'constructor',
  '__proto__',
  'toString',
  'say "x"',
  'back\\slash',
  'naïve',
  'ß',
  'İ',
  '\u{1f600}',
  'a\u0000b',
  '\u0000',
  '\ufffd',
  '\u2028',
  '\u007f',
  'line\nfeed',
  '*',
  '0',
  '1.0',
  'null',
  'msg',
  'name',
];
/** Only as input: a policy's text is valid UTF-8. */
const broken = ['\ud800', '\ud800', 'x\udc00', '\ud83d\ud83d'];

const sharedMin = 5;
const sharedMax = 9;
const narrowShare = 0.35;

/** What one policy and its inputs share: some share little else than what is odd. */
export function sharedWords(random: Random): readonly string[] {
  const narrow = random() < narrowShare;
  const pool = narrow ? odd : [...plain, ...plain, ...odd];
  const size = narrow ? between(random, 2, 3) : between(random, sharedMin, sharedMax);
  return Array.from({ length: size }, () => pool[between(random, 0, pool.length - 1)] ?? '');
}

export const word = (draw: Draw): string =>
  chance(draw, 0.85) ? pick(draw, draw.words) : pick(draw, chance(draw, 0.7) ? plain : odd);

export const inputWord = (draw: Draw): string =>
  chance(draw, draw.words.includes('\ufffd') ? 0.2 : 0.03) ? pick(draw, broken) : word(draw);

/** A text as Rego. */
export const text = (value: string): string => JSON.stringify(value);

export const literal = (draw: Draw): string => text(word(draw));

const numbers = ['0', '1', '2', '3', '5', '9', '12', '30', '-1', '1.0', '0.5', '2e0', '100'];
const extremes = ['9007199254740991', '9007199254740992', '-9007199254740991', '1e3', '0.1', '-0'];

export const number = (draw: Draw): string => pick(draw, chance(draw, 0.85) ? numbers : extremes);

export const inputNumber = (draw: Draw): number => Number(number(draw));

/** Words of paths that no schema knows. */
export const strangers = ['extra', 'deep', '__proto__', 'constructor', '', 'a\u0000b'] as const;

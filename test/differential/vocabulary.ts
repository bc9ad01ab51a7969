// The texts and numbers that policies and inputs are made of: ordinary ones, and those that implementations trip over.

import type { Random } from '../support/random.ts';
import { between } from '../support/random.ts';
import type { Draw } from './draw.ts';
import { chance, count, pick } from './draw.ts';

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
  'a\u{1f600}b',
  '\u{1f600}\u{1f601}',
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
/** Only as input, for a policy's text is valid UTF-8; and what rules read instead. */
const asRead = ['\ufffd', 'x\ufffd'];
const broken = ['\ud800', '\ud800', 'x\udc00', '\ud83d\ud83d'];

const sharedMin = 5;
const sharedMax = 9;
const narrowShare = 0.35;
const brokenShare = 0.2;

/** What one policy and its inputs share: some share little else than what is odd. */
export function sharedWords(random: Random): readonly string[] {
  const narrow = random() < narrowShare;
  const pool = narrow ? odd : [...plain, ...plain, ...odd];
  const size = narrow ? between(random, 2, 3) : between(random, sharedMin, sharedMax);
  const words = Array.from({ length: size }, () => pool[between(random, 0, pool.length - 1)] ?? '');
  return random() < brokenShare ? [...words, ...asRead] : words;
}

export const word = (draw: Draw): string =>
  chance(draw, 0.85) ? pick(draw, draw.words) : pick(draw, chance(draw, 0.7) ? plain : odd);

export const inputWord = (draw: Draw): string => {
  if (chance(draw, draw.words.includes('\ufffd') ? 0.2 : 0.03)) return pick(draw, broken);
  return chance(draw, 0.2) ? around(draw, word(draw)) : word(draw);
};

/** What begins as a word does, or nearly: cut between any two UTF-16 units, or with something behind it. */
const around = (draw: Draw, text: string): string => {
  const cut = text.slice(0, count(draw, 0, text.length));
  return pick(draw, [cut, text + pick(draw, broken), text + word(draw), cut + pick(draw, broken)]);
};

/** A text as Rego. */
export const text = (value: string): string => JSON.stringify(value);

/** A beginning of a word, in whole characters. */
export const prefix = (draw: Draw): string => {
  const characters = Array.from(word(draw));
  return text(characters.slice(0, count(draw, 1, characters.length + 1)).join(''));
};

/** For builtins that take no empty text. */
export const filled = (draw: Draw): string => text(word(draw) || 'a');

export const literal = (draw: Draw): string => text(word(draw));

const numbers = ['0', '1', '2', '3', '5', '9', '12', '30', '-1', '0.5', '100'];
const extremes = ['9007199254740991', '9007199254740992', '-9007199254740991', '1000', '0.1', '-0'];

export const number = (draw: Draw): string => pick(draw, chance(draw, 0.85) ? numbers : extremes);

/** A constant of any type that a condition may compare with. */
export const scalar = (draw: Draw): string =>
  chance(draw, 0.4) ? literal(draw) : pick(draw, ['null', 'null', 'true', 'false', number(draw)]);

export const inputNumber = (draw: Draw): number => Number(number(draw));

/** The name of a label: often one that every object has, to a careless reader. */
export const labelName = (draw: Draw): string =>
  text(chance(draw, 0.2) ? pick(draw, strangers) : word(draw));

/** Words of paths that no schema knows. */
export const strangers = [
  'extra',
  'deep',
  '0',
  '__proto__',
  'constructor',
  '',
  'a\u0000b',
] as const;

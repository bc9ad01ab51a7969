// Chance, written down: one seed gives one policy, and every alternative of the grammar that was taken is noted.

import type { Random } from '../support/random.ts';
import { between } from '../support/random.ts';

export type Contributed = 'allow' | 'deny' | 'approve' | 'mask';

export interface Draw {
  readonly random: Random;
  /** Alternatives taken, as `rule/alternative`. */
  readonly taken: Set<string>;
  /** Texts that this policy and its inputs share, so that they meet often. */
  readonly words: readonly string[];
  /** Where an undefined condition would let something through: what may be absent is read with a default. */
  readonly guarded: boolean;
  /** Whether rules may read the input as a whole. */
  readonly whole: boolean;
  /** Whether they may read the millisecond, after which nothing is remembered. */
  readonly millisecond: boolean;
  /** What rules contribute; where none denies, each that allows is seen. */
  readonly contributions: readonly Contributed[];
  readonly names: { count: number };
}

/** Of policies that read what makes the engine do without its index or its memo. */
const rareShare = 0.12;

const mixtures: readonly (readonly Contributed[])[] = [
  ['allow', 'allow', 'allow', 'deny', 'approve', 'mask'],
  ['allow', 'allow', 'mask'],
  ['allow', 'approve', 'mask'],
  ['allow', 'deny'],
];

export const newDraw = (random: Random, words: readonly string[]): Draw => ({
  random,
  taken: new Set(),
  words,
  guarded: false,
  whole: random() < rareShare,
  millisecond: random() < rareShare,
  contributions: mixtures[between(random, 0, mixtures.length - 1)] ?? ['allow'],
  names: { count: 0 },
});

export const guarded = (draw: Draw): Draw => ({ ...draw, guarded: true });

export const chance = (draw: Draw, probability: number): boolean => draw.random() < probability;

export const count = (draw: Draw, low: number, high: number): number =>
  between(draw.random, low, high);

export function pick<T>(draw: Draw, items: readonly T[]): T {
  const item = items[Math.floor(draw.random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

export const several = <T>(draw: Draw, low: number, high: number, make: () => T): readonly T[] =>
  Array.from({ length: count(draw, low, high) }, make);

/** One of the alternatives of a grammar rule. */
export function choose<T>(
  draw: Draw,
  rule: string,
  alternatives: Readonly<Record<string, () => T>>,
): T {
  const [name, make] = pick(draw, Object.entries(alternatives));
  draw.taken.add(`${rule}/${name}`);
  return make();
}

/** As `choose`, with more alternatives where nothing is lost when they are undefined. */
export const chooseGuarded = <T>(
  draw: Draw,
  rule: string,
  alternatives: {
    readonly always: Readonly<Record<string, () => T>>;
    readonly unguarded: Readonly<Record<string, () => T>>;
  },
): T => {
  const { always, unguarded } = alternatives;
  return choose(draw, rule, draw.guarded ? always : { ...always, ...unguarded });
};

/** A variable that nothing else has. */
export function fresh(draw: Draw, prefix = 'v'): string {
  draw.names.count += 1;
  return `${prefix}${draw.names.count}`;
}

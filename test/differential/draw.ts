// Chance, written down: one seed gives one policy, and every alternative of the grammar that was taken is noted.

import type { Random } from '../support/random.ts';
import { between } from '../support/random.ts';

export interface Draw {
  readonly random: Random;
  /** Alternatives taken, as `rule/alternative`. */
  readonly taken: Set<string>;
  /** Texts that this policy and its inputs share, so that they meet often. */
  readonly words: readonly string[];
  names: number;
}

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

/** A variable that nothing else has. */
export function fresh(draw: Draw, prefix = 'v'): string {
  draw.names += 1;
  return `${prefix}${draw.names}`;
}

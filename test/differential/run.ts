// A run: policies and inputs from one seed, judged until there are enough pairs.

import type { Compiler } from '../../engine/policy/compiler/index.ts';
import { seededRandom } from '../support/random.ts';
import { newDraw } from './draw.ts';
import { generateCases } from './inputs.ts';
import type { Answer, Difference } from './judge.ts';
import { judge } from './judge.ts';
import type { Policy } from './policy.ts';
import { filesOf, generatePolicy } from './policy.ts';

export const casesPerPolicy = 100;

export interface Tally {
  pairs: number;
  policies: number;
  accepted: number;
  /** See `Judged`. */
  hidden: number;
  /** Policies by the codes of their refusals. */
  readonly refusals: Map<string, number>;
  readonly verdicts: Map<Answer['verdict'], number>;
  /** Alternatives of the grammar, by how many accepted policies took them. */
  readonly taken: Map<string, number>;
}

/** The first difference of a policy, or how the toolchain failed on it. */
export interface Finding {
  readonly seed: number;
  readonly policy: Policy;
  readonly difference?: Difference;
  readonly failure?: string;
}

export const emptyTally = (): Tally => ({
  pairs: 0,
  policies: 0,
  accepted: 0,
  hidden: 0,
  refusals: new Map(),
  verdicts: new Map(),
  taken: new Map(),
});

const more = <K>(counts: Map<K, number>, key: K, by = 1): void =>
  void counts.set(key, (counts.get(key) ?? 0) + by);

/** Judges the policy of one seed. */
export async function judgeSeed(
  compiler: Compiler,
  seed: number,
  tally: Tally,
): Promise<Finding | undefined> {
  const random = seededRandom(seed);
  const { policy, words, taken } = generatePolicy(random);
  const cases = generateCases(newDraw(random, words), casesPerPolicy);
  tally.policies += 1;
  for (const name of taken) more(tally.taken, name, 0);
  let judged;
  try {
    judged = await judge(compiler, filesOf(policy), cases);
  } catch (error) {
    return { seed, policy, failure: String(error) };
  }
  if (judged.kind === 'refused') {
    for (const code of new Set(judged.codes)) more(tally.refusals, code);
    return undefined;
  }
  tally.accepted += 1;
  tally.pairs += cases.length;
  tally.hidden += judged.hidden;
  for (const verdict of judged.verdicts) more(tally.verdicts, verdict);
  for (const name of taken) more(tally.taken, name);
  const [difference] = judged.differences;
  return difference === undefined ? undefined : { seed, policy, difference };
}

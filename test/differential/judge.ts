// One policy, many inputs, two judges: the engine as the gateway runs it, and OPA's own evaluator on the plain program.

import { isDeepStrictEqual } from 'node:util';

import type { JsonObject } from '../../engine/model/index.ts';
import { defaultLimits, PolicyError } from '../../engine/model/index.ts';
import type { Compiler, Evaluation, PolicyFile } from '../../engine/policy/compiler/index.ts';
import { Generation } from '../../engine/policy/generation.ts';
import { inputDocument } from '../../engine/policy/input.ts';
import { parseRuling } from '../../engine/policy/result.ts';
import type { Ruling } from '../../engine/policy/result.ts';
import type { Case } from './inputs.ts';

/** A ruling, or why there is none; either way an engine that has none denies. */
export type Answer = Ruling | { readonly verdict: 'error'; readonly why: string };

export interface Difference {
  readonly at: number;
  readonly input: Case;
  /** How the engine was asked: each way must give the same. */
  readonly asked: string;
  readonly engine: Answer;
  readonly reference: Answer;
}

export type Judged =
  | { readonly kind: 'refused'; readonly codes: readonly string[] }
  | {
      readonly kind: 'judged';
      readonly verdicts: readonly Answer['verdict'][];
      /** Inputs on which rules conflict that OPA's evaluator passes over with its index, and stops at without. */
      readonly hidden: number;
      readonly differences: readonly Difference[];
    };

const nonce = 'n';

export async function judge(
  compiler: Compiler,
  files: readonly PolicyFile[],
  cases: readonly Case[],
): Promise<Judged> {
  const compiled = await compiler.compile(files);
  if (!compiled.ok) return { kind: 'refused', codes: compiled.diagnostics.map(({ code }) => code) };
  const inputs = cases.map(({ statement, session, now }) => ({
    nonce,
    ...inputDocument(statement, session, now),
  }));
  const reference = await compiler.evaluateAll(files, inputs);
  if (!reference.ok)
    throw new Error(`compiled, but not evaluated: ${JSON.stringify(reference.diagnostics)}`);
  const generation = await Generation.create(compiled.policy, { limits: defaultLimits, now: 0 });
  const expected = reference.evaluations.map(referenceAnswers);
  return {
    kind: 'judged',
    verdicts: expected.map(([{ verdict }]) => verdict),
    hidden: expected.filter(([, indexed]) => indexed !== undefined).length,
    differences: cases.flatMap((each, at) => differencesOf(generation, each, at, expected[at]!)),
  };
}

/** Without OPA's rule index and, where a conflict ends that, with it: the index and ours may pass over the same rules. */
type References = readonly [Answer, Answer?];

function referenceAnswers({ result, error, indexed }: Evaluation): References {
  if (error === undefined) return [rulingOf(result)];
  const stopped = { verdict: 'error', why: error } as const;
  return indexed === undefined ? [stopped] : [stopped, rulingOf(indexed)];
}

const rulingOf = (result: JsonObject | undefined): Answer =>
  result === undefined
    ? { verdict: 'error', why: 'undefined' }
    : attempt(() => parseRuling(JSON.stringify([{ result }]), nonce));

/** With facts that may change, then twice with frozen ones, which the engine remembers. */
function differencesOf(
  generation: Generation,
  input: Case,
  at: number,
  references: References,
): readonly Difference[] {
  const { statement, session, now } = input;
  const frozen = {
    ...statement,
    facts: Object.freeze<JsonObject>(structuredClone(statement.facts)),
  };
  const ways = [
    ['unfrozen', statement],
    ['frozen', frozen],
    ['frozen again', frozen],
  ] as const;
  return ways.flatMap(([asked, each]) => {
    const engine = attempt(() => generation.evaluate(each, session, now));
    const agreed = references.some((each) => each !== undefined && agree(engine, each));
    return agreed ? [] : [{ at, input, asked, engine, reference: references[0] }];
  });
}

const agree = (one: Answer, other: Answer): boolean =>
  one.verdict === 'error' ? other.verdict === 'error' : isDeepStrictEqual(one, other);

function attempt(action: () => Ruling): Answer {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { verdict: 'error', why: error.message };
  }
}

// One policy, many inputs, two judges: the engine as the gateway runs it, and OPA's own evaluator on the plain program.

import { isDeepStrictEqual } from 'node:util';

import type { JsonObject, Session, Statement } from '../../engine/model/index.ts';
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
    differences: differencesOf(generation, cases, expected),
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

/** One way to ask the engine about a case. */
interface Asked {
  readonly at: number;
  readonly how: string;
  readonly statement: Statement;
  readonly session: Session;
}

/** With facts that may change and twice with frozen ones; then all again, from the last, by sessions with equal parts. */
function questions(cases: readonly Case[]): readonly Asked[] {
  const once = <T extends object>(make: (value: T) => T) => {
    const known = new Map<T, T>();
    return (value: T): T => {
      const made = known.get(value) ?? make(value);
      known.set(value, made);
      return made;
    };
  };
  const frozen = once((facts: JsonObject) => Object.freeze(structuredClone(facts)));
  const same = once((session: Session) => structuredClone(session));
  const remembered = cases.map(({ statement }) => {
    return { ...statement, facts: frozen(statement.facts) };
  });
  const first = cases.flatMap(({ statement, session }, at): readonly Asked[] => {
    const again = remembered[at]!;
    return [
      { at, how: 'unfrozen', statement, session },
      { at, how: 'frozen', statement: again, session },
      { at, how: 'frozen again', statement: again, session },
    ];
  });
  const second = cases.map(({ session, statement }, at): Asked => {
    const facts = Object.freeze(structuredClone(statement.facts));
    const again = at % 2 === 0 ? remembered[at]! : { ...statement, facts };
    return { at, how: 'frozen, of an equal session', statement: again, session: same(session) };
  });
  return [...first, ...second.reverse()];
}

function differencesOf(
  generation: Generation,
  cases: readonly Case[],
  references: readonly References[],
): readonly Difference[] {
  return questions(cases).flatMap(({ at, how, statement, session }) => {
    const input = cases[at]!;
    const engine = attempt(() => generation.evaluate(statement, session, input.now));
    const [reference, indexed] = references[at]!;
    if (agree(engine, reference) || (indexed !== undefined && agree(engine, indexed))) return [];
    return [{ at, input, asked: how, engine, reference }];
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

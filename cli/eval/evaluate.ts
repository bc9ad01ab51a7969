// One command's decision by the compiled policy that the gateway runs, and the rules that made it so.

import type { Compiler, Decision, Json, JsonObject, PolicyFile, Session, Statement } from '#engine';
import { PolicyError, inputDocument } from '#engine';

interface Fired {
  readonly package: string;
  readonly rule: string;
  readonly file: string;
  readonly line: number;
}

export interface Evaluated {
  readonly statement: Statement;
  readonly decision: Decision;
  /** The author's rules that produced a value. */
  readonly fired: readonly Fired[];
  /** What another evaluation of the same input answers where it is not the decision: trust neither. */
  readonly disagreement: JsonObject | undefined;
}

export interface Evaluation {
  readonly compiler: Compiler;
  readonly files: readonly PolicyFile[];
  readonly session: Session;
  /** Milliseconds since the Unix epoch, as the decision saw it. */
  readonly now: number;
  readonly inputBytesMax: number;
  /** Ask OPA's own evaluator as well. */
  readonly crossCheck: boolean;
}

const nonce = 'eval';

/** @throws PolicyError when the policies cannot be evaluated otherwise than by the decision's module. */
export async function explain(
  statement: Statement,
  decision: Decision,
  evaluation: Evaluation,
): Promise<Evaluated> {
  const { compiler, files, session, now, inputBytesMax, crossCheck } = evaluation;
  const input = { ...inputDocument(statement, session, now), nonce };
  const explained = explanationOf(await compiler.explain(files, input));
  const results = [explained.result ?? {}];
  if (crossCheck) results.push(explanationOf(await compiler.evaluate(files, input)).result ?? {});
  // The gateway denies such an input before any policy sees it, and a budget that its host cannot keep afterwards.
  const tooLarge = Buffer.byteLength(JSON.stringify(input)) > inputBytesMax;
  const unmet = decision.reasons.some(({ code }) => code === 'budget-unsupported');
  const expected = ofDecision(decision);
  const disagreement =
    tooLarge || unmet ? undefined : results.find((result) => ofResult(result) !== expected);
  return { statement, decision, fired: explained.fired, disagreement };
}

type Explained = Awaited<ReturnType<Compiler['explain']>>;

function explanationOf(explained: Explained) {
  if (explained.ok) return explained.explanation;
  const [first] = explained.diagnostics;
  throw new PolicyError('policy-compile', first?.message ?? 'the policies do not compile');
}

function ofDecision(decision: Decision): string {
  const { verdict, reasons } = decision;
  return canonical({
    verdict,
    code: reasons[0]?.code ?? '',
    reasons: reasons.flatMap(({ rule, message }) =>
      rule === undefined ? [] : [{ rule, message }],
    ),
    masks: verdict === 'deny' ? [] : decision.obligations.masks,
    infer: verdict === 'deny' ? [] : decision.obligations.infer,
    budget: verdict === 'deny' ? {} : decision.obligations.budget,
    requirements: verdict === 'hold' ? decision.requirements : [],
  });
}

function ofResult(result: JsonObject): string {
  const approvals = listOf(result['approvals']) as readonly JsonObject[];
  return canonical({
    verdict: result['verdict'],
    code: result['code'],
    reasons: result['reasons'],
    masks: result['masks'],
    infer: result['infer'] ?? [],
    budget: result['budget'] ?? {},
    requirements: approvals.map(({ rule, message, groups, quorum }) => ({
      rule,
      message,
      groups,
      quorum,
    })),
  });
}

const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];

/** One text for equal values: members by name, lists as the sets that they are. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${name}:${canonical(member)}`).join(',')}}`;
}

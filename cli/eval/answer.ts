// From a question to its answer: the live gateway's analysis and judgement, with the rules that fired.

import type { Config, Decision, Session, Statement } from '#engine';
import type { LoadedPolicies } from '../policies.ts';
import type { Evaluated, Evaluation } from './evaluate.ts';
import { explain } from './evaluate.ts';
import type { Question } from './question.ts';
import type { Answer } from './tell.ts';

export interface AnswerOptions {
  readonly config: Config;
  readonly loaded: LoadedPolicies;
  readonly crossCheck: boolean;
}

/** What the gateway would answer to the question, and why. The policies must have been loaded. */
export async function answerOf(
  question: Question,
  { config, loaded, crossCheck }: AnswerOptions,
): Promise<Answer> {
  const { compiler, policies, files } = loaded;
  const { session, now } = question;
  const { inputBytesMax } = config.limits;
  const evaluation: Evaluation = { compiler, files, session, now, inputBytesMax, crossCheck };
  const revision = policies.generation?.revision ?? '';
  if (question.kind === 'http') return answerOfRequest(question, loaded, evaluation, config);
  if (question.kind === 'ssh') return answerOfCommand(question, loaded, evaluation);
  if (question.kind === 'input') {
    const decision = policies.decide(question.statement, session);
    const evaluated = [await explain(question.statement, decision, evaluation)];
    return {
      verdict: decision.verdict,
      refusal: undefined,
      revision,
      catalog: undefined,
      evaluated,
    };
  }
  // The SQL parser is loaded only where there is SQL.
  const { judgeOffline } = await import('#hosts/postgres');
  const asked: Asked[] = [];
  const { judgement, snapshot } = await judgeOffline({
    engine: {
      decide: decideAndKeep(policies, asked),
      limits: config.limits,
      readsFact: (kind, name) => policies.generation?.readsFact(kind, name) ?? false,
      revision,
    },
    session,
    state: config.state,
    text: question.text,
  });
  const evaluated: Evaluated[] = [];
  for (const { statement, decision } of asked) {
    evaluated.push(await explain(statement, decision, evaluation));
  }
  const verdict = verdicts[judgement.kind];
  const byPolicy = strictest(asked.map(({ decision }) => decision.verdict));
  const answer = { revision, catalog: snapshot, evaluated };
  if (judgement.kind !== 'refused' || byPolicy === 'deny') {
    return { ...answer, verdict, refusal: undefined };
  }
  // Without a catalog every relation is unknown, so no mask can be planned: only the policy has spoken.
  const unplanned = snapshot === undefined && judgement.refusal.code === 'mask-unsupported';
  if (unplanned) return { ...answer, verdict: byPolicy, refusal: undefined };
  return { ...answer, verdict, refusal: judgement.refusal };
}

async function answerOfCommand(
  { session, user, text }: Question & { readonly kind: 'ssh' },
  { policies }: LoadedPolicies,
  evaluation: Evaluation,
): Promise<Answer> {
  const { judgeCommandOffline } = await import('#hosts/ssh');
  const asked: Asked[] = [];
  const decide = decideAndKeep(policies, asked);
  const refusal = judgeCommandOffline({ decide, session, user, text });
  return answerWith(asked, refusal, { policies, evaluation });
}

async function answerOfRequest(
  question: Question & { readonly kind: 'http' },
  { policies }: LoadedPolicies,
  evaluation: Evaluation,
  { limits }: Config,
): Promise<Answer> {
  const { judgeRequestOffline } = await import('#hosts/http');
  const asked: Asked[] = [];
  const { session, target, request } = question;
  const { body, ...head } = request;
  const refusal = judgeRequestOffline({
    decide: decideAndKeep(policies, asked),
    session,
    target,
    raw: { version: '1.1', scheme: 'https', ...head },
    body,
    limits,
    reads: {
      bodies: policies.generation?.readsFact('http', 'body') ?? false,
      keys: policies.generation?.namesBelow('http', ['body', 'json']) ?? new Set(),
    },
  });
  return answerWith(asked, refusal, { policies, evaluation });
}

interface Asked {
  readonly statement: Statement;
  readonly decision: Decision;
}

const decideAndKeep =
  (policies: LoadedPolicies['policies'], asked: Asked[]) =>
  (statement: Statement, session: Session): Decision => {
    const decision = policies.decide(statement, session);
    asked.push({ statement, decision });
    return decision;
  };

async function answerWith(
  asked: readonly Asked[],
  refusal: Answer['refusal'],
  {
    policies,
    evaluation,
  }: { readonly policies: LoadedPolicies['policies']; readonly evaluation: Evaluation },
): Promise<Answer> {
  const evaluated: Evaluated[] = [];
  for (const { statement, decision } of asked) {
    evaluated.push(await explain(statement, decision, evaluation));
  }
  const byPolicy = strictest(asked.map(({ decision }) => decision.verdict));
  return {
    verdict: refusal === undefined ? byPolicy : 'deny',
    refusal,
    revision: policies.generation?.revision ?? '',
    catalog: undefined,
    evaluated,
  };
}

const strictness: readonly Decision['verdict'][] = ['deny', 'hold', 'allow'];

const strictest = (all: readonly Decision['verdict'][]): Decision['verdict'] =>
  strictness.find((verdict) => all.includes(verdict)) ?? 'allow';

const verdicts = { permitted: 'allow', held: 'hold', refused: 'deny' } as const;

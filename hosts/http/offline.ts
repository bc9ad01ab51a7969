// The live gateway's judgement of a request, without a target: for `eval`.

import type { Decision, HttpTargetConfig, Limits, Session, Statement } from '#engine';
import { mergeMasks } from '#engine';

import { noSuchPage, ownPaths } from './own-pages.ts';
import type { Refusal } from './refusal.ts';
import { tooLargeToHold } from './refusal.ts';
import { maskPlanOf } from './session/answer-masks.ts';
import type { Reads } from './services.ts';
import { understand } from './session/read.ts';
import type { RawRequest } from './wire/index.ts';
import { canonicalise } from './wire/index.ts';

export interface OfflineRequest {
  readonly decide: (statement: Statement, session: Session) => Decision;
  readonly session: Session;
  readonly target: HttpTargetConfig;
  readonly raw: RawRequest;
  readonly body: Buffer;
  /** What the rules in force read. */
  readonly reads: Pick<Reads, 'bodies' | 'keys'>;
  readonly limits: Limits;
}

/** Judges as a session would; what is refused before any policy is asked has no decisions. */
export function judgeRequestOffline(question: OfflineRequest): Refusal | undefined {
  const { decide, session, target, raw, body, reads, limits } = question;
  const canonical = canonicalise(raw, { encodedSlash: target.encodedSlash });
  if (canonical.kind === 'refused') {
    return { ...ambiguous, message: canonical.message, rule: canonical.rule };
  }
  const { request } = canonical;
  if (request.path.startsWith(ownPaths)) return noSuchPage;
  const fields = request.fields.filter(([name]) => name !== 'authorization');
  const outcome = understand({ target, request: { ...request, fields }, body, reads, limits });
  if (outcome.kind === 'refused') return outcome.refusal;
  const decisions = outcome.statements.map((each) => decide(each, session));
  if (decisions.some(({ verdict }) => verdict === 'deny')) return undefined;
  const masks = mergeMasks(
    decisions.map((each) => (each.verdict === 'deny' ? [] : each.obligations.masks)),
  );
  const plan = maskPlanOf(masks, outcome.renamed);
  if ('status' in plan) return plan;
  const isHeld = decisions.some(({ verdict }) => verdict === 'hold');
  const { bodyBytesMax } = limits;
  return isHeld && body.length > bodyBytesMax ? tooLargeToHold(bodyBytesMax) : undefined;
}

const ambiguous = { status: 400, code: 'statement-ambiguous' } as const;

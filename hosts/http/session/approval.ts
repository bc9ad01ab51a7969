// A request that needs a human's yes: what the approver reads, the wait, and the judgement again after it.

import { createHash } from 'node:crypto';

import type { Decision } from '#engine';
import { holdOutcomeEntry } from '#engine';

import type { Refusal } from '../refusal.ts';
import { refusalOf, refusalOfHold, tooLargeToHold } from '../refusal.ts';
import { shownFields } from '../statement.ts';
import { outcomeEntry, readable } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import type { HoldResult } from './held-requests.ts';
import type { Read } from './read.ts';
import { understand } from './read.ts';

export type ApprovalResult =
  | {
      readonly kind: 'approved';
      readonly approval: string;
      /** By the policies in force now. */
      readonly decisions: readonly Decision[];
      readonly read: Read;
    }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly decisions: readonly Decision[];
      readonly read: Read;
    }
  /** Nobody waits for an answer any more. */
  | { readonly kind: 'gone' };

interface Asked {
  readonly decisions: readonly Decision[];
  readonly read: Read & { readonly body: Buffer };
}

export async function waitForApproval(
  exchange: Exchange,
  decisions: readonly Decision[],
  read: Read,
): Promise<ApprovalResult> {
  const { services, session } = exchange;
  const body = await wholeBody(exchange, read);
  if (body === 'too-large') {
    const refusal = tooLargeToHold(services.limits.bodyBytesMax);
    return { kind: 'refused', refusal, decisions, read };
  }
  if (body === 'aborted' || session.hasEnded) return { kind: 'gone' };
  return waitWith(exchange, { decisions, read: { ...read, body } });
}

async function waitWith(exchange: Exchange, asked: Asked): Promise<ApprovalResult> {
  const { session, patience } = exchange;
  const result = await session.during(hold(exchange, asked), () => {
    noteUnanswered(exchange, 'the session ended while it waited');
  });
  if (session.hasEnded) return { kind: 'gone' };
  if (patience.gone.aborted) {
    noteUnanswered(exchange, 'the caller left while it waited');
    return { kind: 'gone' };
  }
  if (result.kind === 'released') return judgeAgain(exchange, result, asked);
  return { kind: 'refused', refusal: refusalOfHold(result.outcome, result.hold), ...asked };
}

async function wholeBody(
  { services, request, patience }: Exchange,
  { body }: Read,
): Promise<Buffer | 'too-large' | 'aborted'> {
  if (body !== undefined) return body;
  const { bodyBytesMax } = services.limits;
  const { framing } = request;
  if (framing.kind === 'length' && framing.bytes > bodyBytesMax) return 'too-large';
  const whole = await patience.readWhole(bodyBytesMax, request);
  if (whole.kind === 'whole') return whole.body;
  return whole.kind === 'more' ? 'too-large' : whole.kind;
}

async function hold(
  { services, session, request, patience }: Exchange,
  { decisions, read }: Asked,
): Promise<HoldResult> {
  const { body } = read;
  const text = [
    ...read.statements.map((each) => each.text),
    ...shownFields(request),
    ...(body.length === 0 ? [] : ['', bodyText(body)]),
  ].join('\n');
  const demand = { session: session.session, request, body, text, decisions };
  const result = await services.held.wait(demand, patience.gone, ({ id }) => {
    const requirements = decisions.flatMap((each) =>
      each.verdict === 'hold' ? each.requirements.map((one) => ({ ...one })) : [],
    );
    session.record({ type: 'hold', approval: id, text, requirements });
  });
  const { outcome } = result;
  if (outcome.kind !== 'waiting' && outcome.kind !== 'used') {
    const approval = result.hold.id;
    session.note({ type: 'hold-outcome', approval, ...holdOutcomeEntry(outcome) });
  }
  return result;
}

/** Time has passed: the policies may be others, read more of the request, deny it, or want somebody else's yes. */
function judgeAgain(
  exchange: Exchange,
  { hold: { id } }: HoldResult,
  { decisions, read }: Asked,
): ApprovalResult | Promise<ApprovalResult> {
  const { services, session, request, target } = exchange;
  const { body } = read;
  const { limits } = services;
  const reads = services.reads();
  const anew = understand({ target: target.config, request, body, reads, limits });
  if (anew.kind === 'refused') return { ...anew, decisions: [], read };
  const known = { ...anew, body };
  const now = anew.statements.map((each) => services.engine.decide(each, session.session));
  const denied = now.find(({ verdict }) => verdict === 'deny');
  if (denied !== undefined) {
    return { kind: 'refused', refusal: refusalOf(denied), decisions: now, read: known };
  }
  const wanted = demandsOf(now);
  if (wanted !== none && wanted !== demandsOf(decisions)) {
    return waitWith(exchange, { decisions: now, read: known });
  }
  return { kind: 'approved', approval: id, decisions: now, read: known };
}

const demandsOf = (decisions: readonly Decision[]): string =>
  JSON.stringify(decisions.flatMap((each) => (each.verdict === 'hold' ? each.requirements : [])));

const none = demandsOf([]);

function noteUnanswered({ session, number, startedAt }: Exchange, error: string): void {
  session.note(outcomeEntry({ request: number, startedAt, status: 0, bytes: 0, error }));
}

/** What an approver reads of a body: text as it is, anything else by its hash. */
function bodyText(body: Buffer): string {
  const text = readable(body);
  if (text !== undefined) return text;
  return `${body.length} bytes, sha256 ${createHash('sha256').update(body).digest('hex')}`;
}

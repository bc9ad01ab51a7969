// The only place where a decision becomes protocol bytes: errors and notices that PostgreSQL clients show.

import type { Decision, HoldOutcome, OpenHold, Reason, ReasonCode } from '#engine';

import type { Refused } from './sql/index.ts';
import { encodeErrorResponse, encodeNoticeResponse } from './wire/index.ts';

/** Why a statement does not reach the target, in words for the client. */
export interface Refusal {
  readonly code: ReasonCode;
  readonly message: string;
  readonly hint: string | undefined;
  /** The decision's id where the policy decided. */
  readonly decision: string | undefined;
  /** Of a syntax error: where, in characters from 1. */
  readonly position?: number;
}

/** SQLSTATE of each reason (PostgreSQL "Error Codes"); 42501 insufficient_privilege for the rest. */
const sqlstates: Partial<Readonly<Record<ReasonCode, string>>> = {
  'approval-cancelled': '57014',
  'statement-unparsable': '42601',
  'statement-too-large': '54000',
  'statement-ambiguous': '0A000',
  'statement-unsupported': '0A000',
  'mask-unsupported': '42501',
  'record-failed': '58030',
  'policy-error': '58000',
  'no-policy': '58000',
  'catalog-unavailable': '58000',
  'budget-spent': '53400',
};

export function sqlstateOf(code: ReasonCode): string {
  return sqlstates[code] ?? '42501';
}

export function refusal(
  code: ReasonCode,
  message: string,
  more: {
    readonly hint?: string | undefined;
    readonly decision?: string;
    readonly position?: number | undefined;
  } = {},
): Refusal {
  const { hint, decision, position } = more;
  return { code, message, hint, decision, ...(position === undefined ? {} : { position }) };
}

/** Of what the analysis refused. */
export const refusalIn = ({ code, message, hint, position }: Refused): Refusal =>
  refusal(code, message, { hint, position });

/** What the client reads about a deny: the messages of its rules. */
export function refusalOf(decision: Decision): Refusal {
  const first: Reason | undefined = decision.reasons[0];
  const rules = decision.reasons.flatMap((reason) => reason.rule ?? []);
  return {
    code: first?.code ?? 'policy-error',
    message: decision.reasons.map((reason) => reason.message).join('; '),
    hint: first?.hint ?? (rules.length > 0 ? `rule ${rules.join(', ')}` : undefined),
    decision: decision.id,
  };
}

/** What the client reads when a hold did not end in an approval. */
export function refusalOfHold(
  outcome: Exclude<HoldOutcome, { kind: 'approved' }>,
  hold: Pick<OpenHold, 'id'>,
): Refusal {
  switch (outcome.kind) {
    case 'denied': {
      const note = outcome.note === '' ? '' : `: ${outcome.note}`;
      return refusal('approval-denied', `${outcome.by} denied approval ${hold.id}${note}`);
    }
    case 'timeout':
      return refusal('approval-timeout', `nobody answered approval ${hold.id} in time`, {
        hint: 'ask an approver, then send the statement again',
      });
    case 'cancelled':
      return refusal('approval-cancelled', `approval ${hold.id} was cancelled by the client`);
  }
}

export function encodeRefusal(refused: Refusal): Buffer {
  if (refused.position !== undefined) return encodeSyntaxError(refused.message, refused.position);
  const decision = refused.decision === undefined ? '' : `, decision ${refused.decision}`;
  return encodeErrorResponse({
    severity: 'ERROR',
    code: sqlstateOf(refused.code),
    message: `sallyport: ${refused.message}`,
    detail: `reason ${refused.code}${decision}`,
    ...(refused.hint === undefined ? {} : { hint: refused.hint }),
    routine: 'sallyport',
  });
}

/** In PostgreSQL's words, as the server would have said it: programs show the place, and some parse the message. */
function encodeSyntaxError(message: string, position: number): Buffer {
  return encodeErrorResponse({
    severity: 'ERROR',
    code: '42601',
    message,
    position: String(position),
    routine: 'sallyport',
  });
}

/**
 * SQL that no server can parse, sent in place of a refused statement: the server itself then fails the
 * transaction, skips the pipeline and reports its state; its error is replaced by the refusal.
 */
export function substituteText(refused: Refusal): string {
  return `sallyport refused ${(refused.decision ?? refused.code).replaceAll('-', '_')}`;
}

/** A name that no client can have given to a statement or portal: the gateway refuses this prefix. */
export const reservedName = 'sallyport:';

export interface FatalError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The connection ends after this. */
export function encodeFatal(fatal: FatalError): Buffer {
  return encodeErrorResponse({
    severity: 'FATAL',
    code: fatal.code,
    message: `sallyport: ${fatal.message}`,
    ...(fatal.hint === undefined ? {} : { hint: fatal.hint }),
    routine: 'sallyport',
  });
}

export function encodeHeld(hold: OpenHold, messages: readonly string[], who: string): Buffer {
  const seconds = Math.max(0, Math.round((hold.expiresAt - Date.now()) / 1000));
  return encodeNoticeResponse({
    severity: 'NOTICE',
    code: '00000',
    message: `sallyport: held for approval ${hold.id}: ${messages.join('; ')}`,
    hint: `${who} can answer within ${seconds} s: sallyport approvals approve ${hold.id}`,
  });
}

export function encodeApproved(hold: Pick<OpenHold, 'id'>, approvers: readonly string[]): Buffer {
  return encodeNoticeResponse({
    severity: 'NOTICE',
    code: '00000',
    message: `sallyport: approval ${hold.id} given by ${approvers.join(', ')}`,
  });
}

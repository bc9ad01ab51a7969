// The only place where a decision becomes what SSH clients show: lines on standard error, and words of SFTP and channels.

import type { Decision, HoldOutcome, OpenHold, ReasonCode } from '#engine';

export interface Refusal {
  readonly code: ReasonCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly decision?: string | undefined;
}

/** What shells answer for a command that may not be run (POSIX "Exit Status for Commands"). */
export const refusedStatus = 126;
/** What OpenSSH's client answers when the connection is at fault. */
export const brokenStatus = 255;

export function refusalOf(decision: Decision): Refusal {
  const [first] = decision.reasons;
  const rules = decision.reasons.flatMap((reason) => reason.rule ?? []);
  return {
    code: first?.code ?? 'policy-error',
    message: decision.reasons.map((reason) => reason.message).join('; '),
    hint: first?.hint ?? (rules.length > 0 ? `rule ${rules.join(', ')}` : undefined),
    decision: decision.id,
  };
}

/** How a hold ended that was not approved. */
export function refusalOfHold(
  outcome: Exclude<HoldOutcome, { readonly kind: 'approved' }>,
  { id }: Pick<OpenHold, 'id'>,
): Refusal {
  switch (outcome.kind) {
    case 'denied': {
      const note = outcome.note === '' ? '' : `: ${outcome.note}`;
      return { code: 'approval-denied', message: `${outcome.by} denied approval ${id}${note}` };
    }
    case 'timeout':
      return {
        code: 'approval-timeout',
        message: `nobody answered approval ${id} in time`,
        hint: 'ask an approver, then try again',
      };
    case 'cancelled':
      return { code: 'approval-cancelled', message: `approval ${id} was withdrawn` };
  }
}

export function recordFailed(error: unknown): Refusal {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return {
    code: 'record-failed',
    message: `this cannot be recorded${code}`,
    hint: 'an operator must free space for recordings; then connect again',
  };
}

/** Lines for a person; each begins with the gateway's name, so that nobody takes them for the program's. */
export function refusalLines({ code, message, hint, decision }: Refusal): string {
  const reason = decision === undefined ? code : `${code}, decision ${decision}`;
  return lines([`denied: ${message}`, ...(hint === undefined ? [] : [`hint: ${hint}`]), reason]);
}

/** One line, where the protocol has room for one message. */
export function refusalPhrase({ message, hint, decision }: Refusal): string {
  const next = hint === undefined ? '' : `; ${hint}`;
  const id = decision === undefined ? '' : ` (decision ${decision})`;
  return oneLine(`sallyport: denied: ${message}${next}${id}`);
}

/** In scp's own words, either way: PuTTY's client takes silence for success, whatever status follows it. */
export const scpRefusal = (refusal: Refusal): Buffer =>
  Buffer.from(`${scpFatal}${refusalPhrase(refusal)}\n`);

/** Begins the last line that the other side of scp says (OpenSSH's scp.c). */
const scpFatal = '\x02';

/** @param messages Why the rules ask for it. */
export function heldLines(
  hold: Pick<OpenHold, 'id' | 'expiresAt'>,
  messages: readonly string[],
  groups: readonly string[],
): string {
  const seconds = Math.max(0, Math.round((hold.expiresAt - Date.now()) / 1000));
  return lines([
    `held for approval ${hold.id}: ${messages.join('; ')}`,
    `hint: a member of ${groups.join(' or ')} can answer within ${seconds} s: sallyport approvals approve ${hold.id}`,
  ]);
}

export const approvedLines = (hold: Pick<OpenHold, 'id'>, approvers: readonly string[]): string =>
  lines([`approval ${hold.id} given by ${approvers.join(', ')}`]);

/** The gateway itself could not do it. */
export const brokenLines = (message: string): string => lines([message]);

const lines = (texts: readonly string[]): string =>
  texts.map((text) => `sallyport: ${oneLine(text)}\n`).join('');

/** Messages hold what callers and rules say: no byte of it may steer a terminal. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

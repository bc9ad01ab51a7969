// The only place where a decision becomes an HTTP answer: problem details (RFC 9457) that say why and what next.

import type { Decision, HoldOutcome, OpenHold, ReasonCode } from '#engine';

import type { Downstream } from './downstream.ts';
import { refuseGrpc } from './streams/index.ts';
import { grpcStatus } from './wire/grpc/index.ts';
import type { HeaderField } from './wire/index.ts';

export interface Refusal {
  readonly status: number;
  readonly code: ReasonCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly decision?: string | undefined;
  /** The rule that the bytes of a request or an answer break. */
  readonly rule?: string | undefined;
  readonly approval?: string | undefined;
  readonly fields?: readonly HeaderField[] | undefined;
}

/** Seconds after which a caller whose request waits for an approver may ask again. */
const retryAfterSeconds = 10;

export function refusalOf(decision: Decision): Refusal {
  const [first] = decision.reasons;
  const { code = 'policy-error', message = 'the policy failed', rule, hint } = first ?? {};
  return {
    status: 403,
    code,
    message,
    hint: hint ?? (rule === undefined ? undefined : `rule ${rule}`),
    decision: decision.id,
  };
}

/** How a held request ends that was not approved, or not yet. */
export function refusalOfHold(
  outcome:
    | Exclude<HoldOutcome, { readonly kind: 'approved' }>
    | { readonly kind: 'waiting' }
    | { readonly kind: 'used' },
  hold: Pick<OpenHold, 'id'>,
): Refusal {
  const approval = hold.id;
  switch (outcome.kind) {
    case 'waiting':
      return {
        status: 403,
        code: 'approval-pending',
        message: `held for approval ${approval}, nobody has answered yet`,
        hint: 'send the same request again: once approved, it is released',
        approval,
        fields: [['retry-after', String(retryAfterSeconds)]],
      };
    case 'used':
      return {
        status: 403,
        code: 'approval-cancelled',
        message: `approval ${approval} has released the same request on another connection`,
        hint: 'send the request again to ask anew',
        approval,
      };
    case 'denied': {
      const note = outcome.note === '' ? '' : `: ${outcome.note}`;
      return {
        status: 403,
        code: 'approval-denied',
        message: `${outcome.by} said no${note}`,
        approval,
      };
    }
    case 'timeout':
      return {
        status: 403,
        code: 'approval-timeout',
        message: 'no approver answered in time',
        hint: 'send the request again to ask anew',
        approval,
      };
    case 'cancelled':
      return {
        status: 403,
        code: 'approval-cancelled',
        message: 'the hold was withdrawn',
        approval,
      };
  }
}

/** The request's own bytes cannot be judged. */
export function unjudgeable(rule: string, message: string): Refusal {
  return { status: 400, code: 'statement-ambiguous', message, rule };
}

export const tooLargeToHold = (bytesMax: number): Refusal => ({
  status: 413,
  code: 'statement-too-large',
  message: `a request that waits for approval may have a body of ${bytesMax} bytes`,
});

/** The target did what cannot be passed on. */
export function badGateway(message: string, rule?: string): Refusal {
  return { status: 502, code: 'upstream-failed', message, rule };
}

export const unmaskable = (message: string): Refusal => ({
  status: 403,
  code: 'mask-unsupported',
  message: `the answer cannot be masked as the policy demands: ${message}`,
});

/**
 * Callers without an identity are told how to bring one (RFC 9110 §11.6.1).
 *
 * @param byPage People log in on a page: offered Basic, a browser asks them for a password in the middle of a script.
 */
export function unauthenticated(message: string, byPage = false): Refusal {
  const basic = ['www-authenticate', 'Basic realm="sallyport", charset="UTF-8"'] as const;
  return {
    status: 401,
    code: 'unauthenticated',
    message,
    hint: 'send Authorization: Bearer TOKEN, or the token as the password of Basic',
    fields: [['www-authenticate', 'Bearer realm="sallyport"'], ...(byPage ? [] : [basic])],
  };
}

/** Answers instead of the target. An answer that has begun can only be cut. */
export function refuse(downstream: Downstream, refused: Refusal): void {
  if (downstream.hasResponded()) {
    downstream.cut();
    return;
  }
  if (downstream.grpc !== undefined) {
    refuseGrpc(downstream.grpc, { status: grpcStatusOf(refused), message: sayingWhy(refused) });
    return;
  }
  const { type, bytes } = wordsFor(userAgentOf(downstream), refused);
  downstream.respond(refused.status, [
    ['content-type', type],
    ['content-length', String(bytes.length)],
    ['cache-control', 'no-store'],
    ...(refused.fields ?? []),
  ]);
  if (downstream.raw.method === 'HEAD') downstream.end();
  else downstream.end(bytes);
}

/** The nearest of the few that callers' libraries know. */
function grpcStatusOf({ status }: Refusal): number {
  switch (status) {
    case 401:
      return grpcStatus.unauthenticated;
    case 403:
      return grpcStatus.permissionDenied;
    case 413:
      return grpcStatus.resourceExhausted;
    case 502:
    case 503:
      return grpcStatus.unavailable;
    default:
      return grpcStatus.internal;
  }
}

function sayingWhy({ code, message, hint, decision }: Refusal): string {
  const next = hint === undefined ? '' : `; ${hint}`;
  return `sallyport: ${message}${next} (${[code, decision].filter(Boolean).join(', ')})`;
}

/** @param more Members beside those that everybody gets. */
export function problem(refused: Refusal, more: Readonly<Record<string, string>> = {}): Buffer {
  const { status, code, hint, decision, rule, approval } = refused;
  const title = titleOf(refused);
  const members = { status, title, code, hint, decision, rule, approval, ...more };
  return Buffer.from(`${JSON.stringify(members)}\n`);
}

/** As the caller's program shows it to a person; who asks does not depend on what it calls itself. */
function wordsFor(
  userAgent: string,
  refused: Refusal,
): { readonly type: string; readonly bytes: Buffer } {
  // git shows what is plain text (remote-curl.c, show_http_message).
  if (userAgent.startsWith('git/')) {
    return { type: 'text/plain; charset=utf-8', bytes: Buffer.from(plainText(refused)) };
  }
  const type = 'application/problem+json';
  // npm shows the member `error` of any JSON (npm-registry-fetch, errors.js).
  if (userAgent.startsWith('npm/')) {
    return { type, bytes: problem(refused, { error: titleOf(refused) }) };
  }
  return { type, bytes: problem(refused) };
}

const titleOf = ({ message }: Refusal): string => `sallyport: ${message}`;

function plainText(refused: Refusal): string {
  const { hint, decision } = refused;
  const number = decision === undefined ? undefined : `decision ${decision}`;
  return [titleOf(refused), hint, number].filter((line) => line !== undefined).join('\n');
}

function userAgentOf({ raw: { rawHeaders } }: Downstream): string {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === 'user-agent') return rawHeaders[at + 1] ?? '';
  }
  return '';
}

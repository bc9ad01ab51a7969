// The entries that HTTP requests leave in a recording.

import { createHash } from 'node:crypto';

import type { Decision, JsonObject, RecordedEntry } from '#engine';
import { decisionEntry } from '#engine';

import type { Refusal } from '../refusal.ts';

/** A longer body is recorded as its length and hash. */
const bodyTextMax = 4096;

export interface RequestEvidence {
  /** Of the session. */
  readonly request: number;
  readonly text: string;
  readonly decisions: readonly Decision[];
  /** What was read of the body before the verdict. */
  readonly body?: Buffer | undefined;
}

/** A request that is about to be forwarded. */
export function permittedEntry(evidence: RequestEvidence, approval?: string): RecordedEntry {
  const entry = statementEntry('allow', evidence);
  return approval === undefined ? entry : { ...entry, approval };
}

/** A request that is not forwarded. */
export function refusedEntry(evidence: RequestEvidence, refused: Refusal): RecordedEntry {
  const { code, message } = refused;
  return { ...statementEntry('deny', evidence), refused: { code, message } };
}

function statementEntry(
  verdict: 'allow' | 'deny',
  { request, text, decisions, body }: RequestEvidence,
): RecordedEntry {
  const entry = {
    type: 'statement',
    verdict,
    request,
    text,
    decisions: decisions.map(decisionEntry),
  };
  return body === undefined || body.length === 0 ? entry : { ...entry, body: bodyEntry(body) };
}

export const decisionsEntry = (decisions: readonly Decision[]): JsonObject => ({
  decisions: decisions.map(decisionEntry),
});

/** Short text as it is; everything as its length and hash. */
function bodyEntry(body: Buffer): JsonObject {
  const proof = { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
  const text = readable(body);
  return text === undefined ? proof : { ...proof, text };
}

/** A body as people can read it, or nothing. */
export function readable(body: Buffer): string | undefined {
  if (body.length > bodyTextMax) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

export interface Outcome {
  readonly request: number;
  readonly startedAt: number;
  readonly status: number;
  /** Of the answer's body, as the caller got it. */
  readonly bytes: number;
  /** Of the request's body, where it was passed on unread. */
  readonly sent?: { readonly bytes: number; readonly sha256: string } | undefined;
  /** Why the answer is not whole. */
  readonly error?: string | undefined;
}

export function outcomeEntry({
  request,
  startedAt,
  status,
  bytes,
  sent,
  error,
}: Outcome): RecordedEntry {
  const ms = Math.round(performance.now() - startedAt);
  const whole = { type: 'outcome', request, bytes, tag: String(status), ms };
  if (sent === undefined && error === undefined) return whole;
  return {
    ...whole,
    ...(sent === undefined ? {} : { sent: { ...sent } }),
    ...(error === undefined ? {} : { error }),
  };
}

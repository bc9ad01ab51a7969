// The entries that a PostgreSQL session leaves in its recording.

import { createHash } from 'node:crypto';

import type { Decision, JsonObject, RecordedEntry } from '#engine';
import { decisionEntry } from '#engine';

import type { Refusal } from '../refusal.ts';
import type { Bind } from '../wire/index.ts';

/** A longer parameter is recorded as its length and hash. */
const parameterBytesMax = 1024;

interface StatementEvidence {
  readonly protocol: 'simple' | 'extended' | 'function-call';
  readonly text: string;
  readonly decisions: readonly Decision[];
  readonly parameters: readonly JsonObject[] | undefined;
}

/** What the client set at its login. */
export function settingsEntry(settings: ReadonlyMap<string, string>): RecordedEntry {
  return { type: 'settings', settings: Object.fromEntries(settings) };
}

/** A statement that is about to be forwarded. */
export function permittedEntry(evidence: StatementEvidence, approval?: string): RecordedEntry {
  return statementEntry('allow', evidence, { approval });
}

/** A statement that is not forwarded. */
export function refusedEntry(evidence: StatementEvidence, refused: Refusal): RecordedEntry {
  const { code, message } = refused;
  return statementEntry('deny', evidence, { refused: { code, message } });
}

function statementEntry(
  verdict: 'allow' | 'deny',
  { protocol, text, parameters, decisions }: StatementEvidence,
  { approval, refused }: { readonly approval?: string | undefined; readonly refused?: JsonObject },
): RecordedEntry {
  return {
    type: 'statement',
    verdict,
    protocol,
    text,
    parameters,
    decisions: decisions.map(decisionEntry),
    approval,
    refused,
  };
}

/** Bound values: text as text, binary as hexadecimal, long ones as length and hash. */
export function parametersOf(bind: Bind): readonly JsonObject[] {
  const { parameterFormats: formats } = bind;
  return bind.parameters.map((value, index) => {
    if (value === null) return { null: true };
    if (value.length > parameterBytesMax) {
      return { bytes: value.length, sha256: createHash('sha256').update(value).digest('hex') };
    }
    const format = formats.length === 1 ? formats[0] : formats[index];
    return format === 1 ? { binary: value.toString('hex') } : { text: value.toString('utf8') };
  });
}

// What the recordings of every host say alike: who, what was decided, how a hold ended.

import type { HoldOutcome } from '../approval/index.ts';
import type { Decision, JsonObject, Json, Reason, Session } from '../model/index.ts';
import { unbounded } from '../model/index.ts';
import type { RecordedEntry } from './recorder.ts';

const recordingFormat = 1;

/** The first entry of every recording. */
export function sessionStart(session: Session, version: string): RecordedEntry {
  return {
    type: 'session-start',
    format: recordingFormat,
    gateway: version,
    session: session.id,
    host: session.host,
    principal: {
      id: session.principal.id,
      kind: session.principal.kind,
      groups: session.principal.groups,
    },
    target: session.target.name,
    database: session.target.database ?? null,
    client: session.client,
    client_port: session.clientPort,
    application: session.application,
  };
}

/** What an entry says of a decision. */
export function decisionEntry(decision: Decision): JsonObject {
  const { id, verdict, revision } = decision;
  const reasons = reasonEntries(decision.reasons);
  if (decision.verdict === 'deny') return { id, verdict, revision, reasons };
  const { masks, infer, budget } = decision.obligations;
  const bounds = Object.keys(budget).length;
  if (masks.length === 0 && infer.length === 0 && bounds === 0)
    return { id, verdict, revision, reasons };
  return {
    ...{ id, verdict, revision, reasons },
    ...(masks.length === 0 ? {} : { masks: masks.map((mask) => ({ ...mask })) }),
    ...(infer.length === 0 ? {} : { infer }),
    ...(bounds === 0 ? {} : { budget: { ...budget } }),
  };
}

/** `decisionEntry` as JSON text. */
export function decisionText(decision: Decision): string {
  if (decision.verdict !== 'allow' || !isPlain(decision)) {
    return JSON.stringify(decisionEntry(decision));
  }
  const { id, verdict, revision, reasons } = decision;
  let known = texts.get(reasons);
  if (known?.revision !== revision) {
    const rest = JSON.stringify({ verdict, revision, reasons: reasonEntries(reasons) });
    texts.set(reasons, (known = { revision, rest: `,${rest.slice(1)}` }));
  }
  return `{"id":"${id}"${known.rest}`;
}

function isPlain({ obligations }: Exclude<Decision, { verdict: 'deny' }>): boolean {
  const { masks, infer, budget } = obligations;
  return masks.length === 0 && infer.length === 0 && budget === unbounded;
}

/** Of decisions that allow and demand nothing: all behind the id. */
const texts = new WeakMap<
  readonly Reason[],
  { readonly revision: string; readonly rest: string }
>();

/** Rulings come again, with the very reasons. */
const written = new WeakMap<readonly Reason[], readonly Json[]>();

function reasonEntries(reasons: readonly Reason[]): readonly Json[] {
  const known = written.get(reasons);
  if (known !== undefined) return known;
  const entries = reasons.map(reasonEntry);
  written.set(reasons, entries);
  return entries;
}

const reasonEntry = ({ code, rule, message }: Reason): JsonObject =>
  rule === undefined ? { code, message } : { code, message, rule };

/** What an entry says of how a hold ended. */
export function holdOutcomeEntry(outcome: HoldOutcome): JsonObject {
  switch (outcome.kind) {
    case 'approved':
      return {
        outcome: outcome.kind,
        answers: outcome.answers.map(({ approver, note, at }) => ({ approver, note, at })),
      };
    case 'denied':
      return { outcome: outcome.kind, by: outcome.by, note: outcome.note };
    case 'timeout':
    case 'cancelled':
      return { outcome: outcome.kind };
  }
}

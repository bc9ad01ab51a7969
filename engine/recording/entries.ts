// What the recordings of every host say alike: who, what was decided, how a hold ended.

import type { HoldOutcome } from '../approval/index.ts';
import type { Decision, JsonObject, Reason, Session } from '../model/index.ts';
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
  const entry = { id, verdict, revision, reasons: decision.reasons.map(reasonEntry) };
  if (decision.verdict === 'deny') return entry;
  const { masks, infer, budget } = decision.obligations;
  return {
    ...entry,
    ...(masks.length === 0 ? {} : { masks: masks.map((mask) => ({ ...mask })) }),
    ...(infer.length === 0 ? {} : { infer }),
    ...(Object.keys(budget).length === 0 ? {} : { budget: { ...budget } }),
  };
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

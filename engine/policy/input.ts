// The input document that policies read, without its nonce. Its shape is schemas/<kind>.json.

import type { JsonObject, Session, Statement } from '../model/index.ts';

/** What stays the same for a session's life. */
export function steadyInput({ principal, target, ...session }: Session): JsonObject {
  return {
    principal: { id: principal.id, kind: principal.kind, groups: principal.groups },
    session: {
      id: session.id,
      client: session.client,
      application: session.application,
      started_at: session.startedAt,
    },
    target: { name: target.name, labels: target.labels, database: target.database ?? '' },
  };
}

/** `now` is in milliseconds since the Unix epoch; policies see it as UTC. */
export function clockInput(now: number): JsonObject {
  const time = new Date(now);
  return {
    epoch_ms: now,
    weekday: time.getUTCDay(),
    hour: time.getUTCHours(),
    minute: time.getUTCMinutes(),
  };
}

/** The whole document. */
export function inputDocument(statement: Statement, session: Session, now: number): JsonObject {
  const { kind, facts } = statement;
  return { ...steadyInput(session), kind, time: clockInput(now), statement: facts };
}

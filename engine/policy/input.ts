// The input document that policies read, without its nonce. Its shape is schemas/<kind>.json.

import type { JsonObject, Session, Statement } from '../model/index.ts';

/** @param now milliseconds since the Unix epoch; policies see it as UTC. */
export function inputDocument(statement: Statement, session: Session, now: number): JsonObject {
  const { principal, target } = session;
  const time = new Date(now);
  return {
    kind: statement.kind,
    principal: { id: principal.id, kind: principal.kind, groups: principal.groups },
    session: {
      id: session.id,
      client: session.client,
      application: session.application,
      started_at: session.startedAt,
    },
    target: { name: target.name, labels: target.labels, database: target.database ?? '' },
    time: {
      epoch_ms: now,
      weekday: time.getUTCDay(),
      hour: time.getUTCHours(),
      minute: time.getUTCMinutes(),
    },
    statement: statement.facts,
  };
}

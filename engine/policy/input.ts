// The input document that policies read, without its nonce. Its shape is schemas/<kind>.json.

import type { JsonObject, Session, Statement } from '../model/index.ts';
import { PolicyError } from '../model/index.ts';

/**
 * What stays the same for a session's life.
 *
 * @throws PolicyError `policy-evaluate` for a session that is not of its type: a deny rule about a part that is missing
 *   would silently not hold.
 */
export function steadyInput(session: Session): JsonObject {
  if (!isWhole(session)) throw new PolicyError('policy-evaluate', 'the session is malformed');
  const { principal, target } = session;
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

function isWhole({ principal, target, startedAt, ...session }: Session): boolean {
  const { groups } = principal;
  const { labels, database = '' } = target;
  if (!Array.isArray(groups) || Array.isArray(labels) || !Number.isFinite(startedAt)) {
    return false;
  }
  const texts: readonly unknown[] = [
    ...[session.id, session.client, session.application, principal.id, principal.kind],
    ...[target.name, database],
    ...Array.from<unknown>(groups),
    ...Object.values(labels),
  ];
  return texts.every((text) => typeof text === 'string');
}

/**
 * `now` is in milliseconds since the Unix epoch; policies see it as UTC.
 *
 * @throws PolicyError `policy-evaluate` for what is no time: hours would be null, which is less than any number.
 */
export function clockInput(now: number): JsonObject {
  const time = new Date(now);
  if (!Number.isInteger(now) || Number.isNaN(time.getTime())) {
    throw new PolicyError('policy-evaluate', 'the clock does not tell the time');
  }
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

// The input document that policies read, without its nonce. Its shape is schemas/<kind>.json.

import type { JsonObject, Session, Statement } from '../model/index.ts';

const steadyParts = new WeakMap<Session, JsonObject>();
/** A prepared statement brings the same facts each time. */
const factTexts = new WeakMap<JsonObject, string>();

/** What stays the same for a session's life; the same object each time, so that it is parsed once. */
export function steadyInput(session: Session): JsonObject {
  const known = steadyParts.get(session);
  if (known !== undefined) return known;
  const { principal, target } = session;
  const part = {
    principal: { id: principal.id, kind: principal.kind, groups: principal.groups },
    session: {
      id: session.id,
      client: session.client,
      application: session.application,
      started_at: session.startedAt,
    },
    target: { name: target.name, labels: target.labels, database: target.database ?? '' },
  };
  steadyParts.set(session, part);
  return part;
}

/**
 * What each statement brings, as the members of a JSON object. `now` is in milliseconds since the Unix epoch;
 * policies see it as UTC.
 */
export function varyingInputText({ kind, facts }: Statement, now: number): string {
  const clock = `{"epoch_ms":${now},${minuteText(now)}}`;
  return `"kind":${JSON.stringify(kind)},"time":${clock},"statement":${factsText(facts)}`;
}

const minuteMilliseconds = 60_000;
let lastMinute = NaN;
let lastMinuteText = '';

/** The members that change with the minute. */
function minuteText(now: number): string {
  const minute = Math.floor(now / minuteMilliseconds);
  if (minute !== lastMinute) {
    const time = new Date(now);
    const [weekday, hour] = [time.getUTCDay(), time.getUTCHours()];
    lastMinuteText = `"weekday":${weekday},"hour":${hour},"minute":${time.getUTCMinutes()}`;
    lastMinute = minute;
  }
  return lastMinuteText;
}

function factsText(facts: JsonObject): string {
  const known = factTexts.get(facts);
  if (known !== undefined) return known;
  const text = JSON.stringify(facts);
  factTexts.set(facts, text);
  return text;
}

/** The whole document. */
export function inputDocument(statement: Statement, session: Session, now: number): JsonObject {
  const varying = JSON.parse(`{${varyingInputText(statement, now)}}`) as JsonObject;
  return { ...steadyInput(session), ...varying };
}

// The input of one route: only what its rules can read, each part made once for as long as it stays the same.

import type { JsonObject, Session, Statement } from '../model/index.ts';
import type { Route } from './compiler/index.ts';
import { clockInput, steadyInput } from './input.ts';
import type { Wanted } from './projection.ts';
import { project, wantedBelow, wantedOf } from './projection.ts';

/** Sessions whose parts are remembered; equal parts are one. */
const partsMax = 2000;
const minuteMilliseconds = 60_000;

export class RouteInput {
  readonly entrypoint: string;
  /** Whether equal input is answered equally: not where a rule can read the nonce, or reads the millisecond. */
  readonly repeatable: boolean;
  readonly #wanted: Wanted;
  readonly #statement: Wanted | undefined;
  readonly #time: Wanted | undefined;
  readonly #kind: boolean;
  readonly #steady = new WeakMap<Session, JsonObject>();
  readonly #parts = new Map<string, JsonObject>();
  readonly #texts = new WeakMap<JsonObject, string>();
  #clock = '';
  #clockUntil = -Infinity;

  constructor({ entrypoint, reads }: Route) {
    this.entrypoint = entrypoint;
    this.#wanted = wantedOf(reads);
    this.#statement = wantedBelow(this.#wanted, 'statement');
    this.#time = wantedBelow(this.#wanted, 'time');
    this.#kind = wantedBelow(this.#wanted, 'kind') !== undefined;
    const millisecond = this.#time !== undefined && wantedBelow(this.#time, 'epoch_ms');
    this.repeatable = this.#wanted !== 'all' && millisecond === undefined;
  }

  /** What of the session's life-long parts is read; the same object for equal parts. */
  steady(session: Session): JsonObject {
    const known = this.#steady.get(session);
    if (known !== undefined) return known;
    const part = project(steadyInput(session), this.#wanted) as JsonObject;
    const text = JSON.stringify(part);
    const same = this.#parts.get(text) ?? part;
    if (this.#parts.size >= partsMax) this.#parts.clear();
    this.#parts.set(text, same);
    this.#steady.set(session, same);
    return same;
  }

  /** What of the statement is read, as members of a JSON object; remembered for facts that cannot change. */
  statement(statement: Statement): string {
    const { facts } = statement;
    if (!Object.isFrozen(facts)) return this.#statementText(statement);
    const known = this.#texts.get(facts);
    if (known !== undefined) return known;
    const text = this.#statementText(statement);
    this.#texts.set(facts, text);
    return text;
  }

  #statementText({ kind, facts }: Statement): string {
    const members: string[] = [];
    if (this.#kind) members.push(`"kind":${JSON.stringify(kind)}`);
    if (this.#statement !== undefined) {
      members.push(`"statement":${JSON.stringify(project(facts, this.#statement))}`);
    }
    return members.join();
  }

  /** What of the time is read, as members of a JSON object; `now` in milliseconds since the Unix epoch. */
  clock(now: number): string {
    if (this.#time === undefined) return '';
    const since = this.#clockUntil - now;
    if (this.repeatable && since > 0 && since <= minuteMilliseconds) return this.#clock;
    this.#clock = `"time":${JSON.stringify(project(clockInput(now), this.#time))}`;
    this.#clockUntil = (Math.floor(now / minuteMilliseconds) + 1) * minuteMilliseconds;
    return this.#clock;
  }
}

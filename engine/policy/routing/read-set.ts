// What of a statement and of the clock some rules can read, as JSON text.

import type { JsonObject, Statement } from '../../model/index.ts';
import { clockInput } from '../input.ts';
import { isJson, noJson } from './json-check.ts';
import type { Wanted } from './projection.ts';
import { namesIn, project, wantedBelow, wantedOf } from './projection.ts';

const minuteMilliseconds = 60_000;

export class ReadSet {
  /** Whether equal facts are answered equally: not where a rule can read the nonce or the millisecond. */
  readonly repeatable: boolean;
  readonly #kind: boolean;
  readonly #statement: Wanted | undefined;
  readonly #time: Wanted | undefined;
  readonly #texts = new WeakMap<JsonObject, string>();
  #clock = '';
  #clockUntil = -Infinity;

  /** @param paths Into the input document; an empty one is all of it. */
  constructor(paths: readonly (readonly string[])[]) {
    const wanted = wantedOf(paths);
    this.#kind = wantedBelow(wanted, 'kind') !== undefined;
    this.#statement = wantedBelow(wanted, 'statement');
    this.#time = wantedBelow(wanted, 'time');
    const millisecond = this.#time !== undefined && wantedBelow(this.#time, 'epoch_ms');
    this.repeatable = wanted !== 'all' && (millisecond === false || millisecond === undefined);
  }

  /** Whether a rule can read this fact of the statement, or a part of it. */
  readsFact(name: string): boolean {
    return this.#statement !== undefined && wantedBelow(this.#statement, name) !== undefined;
  }

  /** The names of members, at any depth below a fact, that rules read by name. */
  namesBelow(path: readonly string[]): readonly string[] {
    let wanted = this.#statement;
    for (const name of path) wanted = wanted === undefined ? undefined : wantedBelow(wanted, name);
    return wanted === undefined ? [] : namesIn(wanted);
  }

  /**
   * What of a statement is read, as members of a JSON object. What is no JSON would be left out, or become null, and a
   * deny rule about it would silently not hold.
   *
   * @param sizeMax As `isJson`.
   * @throws PolicyError `policy-evaluate` for facts that are read and are no JSON, or too large.
   */
  statement({ kind, facts }: Statement, sizeMax: number): string {
    const members = this.#kind ? `"kind":${JSON.stringify(kind)}` : '';
    if (this.#statement === undefined) return members;
    const part = project(facts, this.#statement);
    if (!isJson(part, sizeMax)) throw noJson();
    return joined(members, `"statement":${JSON.stringify(part)}`);
  }

  /** As `statement`, remembered by the identity of its facts: they must not change. */
  statementOnce(statement: Statement, sizeMax: number): string {
    const known = this.#texts.get(statement.facts);
    if (known !== undefined) return known;
    const text = this.statement(statement, sizeMax);
    this.#texts.set(statement.facts, text);
    return text;
  }

  /** What of the time is read, as members of a JSON object; `now` in milliseconds since the Unix epoch. */
  clock(now: number): string {
    if (this.#time === undefined) return '';
    const left = this.#clockUntil - now;
    if (this.repeatable && left > 0 && left <= minuteMilliseconds) return this.#clock;
    this.#clock = `"time":${JSON.stringify(project(clockInput(now), this.#time))}`;
    this.#clockUntil = (Math.floor(now / minuteMilliseconds) + 1) * minuteMilliseconds;
    return this.#clock;
  }
}

/** Members of one JSON object; either side may have none. */
export const joined = (one: string, other: string): string =>
  one === '' || other === '' ? one + other : `${one},${other}`;

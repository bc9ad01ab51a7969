// Where the index finds the values that it looks up. A source may give a value that its rules would not see, never lack
// one that they would: what is found is only tried.

import type { Json, JsonObject } from '../../model/index.ts';
import type { SourceSpec } from '../compiler/index.ts';
import { isJson, noJson } from './json-check.ts';

/** Parts of the input that stay for a session's life. */
const steadyParts = new Set(['principal', 'session', 'target']);
const none: readonly Json[] = [];
/** Of elements, or of UTF-16 units of a text: no host makes facts that have more. */
const sizeMax = 64 * 1024;

export class FactSource {
  /** Whether it lies in the session's life-long parts, rather than in the statement. */
  readonly steady: boolean;
  /** Whether it is the statement's command itself. */
  readonly isCommand: boolean;
  readonly #path: readonly string[];
  readonly #default: Json | undefined;
  readonly #each: boolean;
  readonly #field: readonly string[] | undefined;
  readonly #prefix: number;

  constructor({ path, default: missing, each = false, field, prefix = Infinity }: SourceSpec) {
    this.steady = steadyParts.has(path[0] ?? '');
    const whole = !each && field === undefined && prefix === Infinity && missing === undefined;
    this.isCommand = whole && path.join() === 'statement,command';
    // Those of a statement are looked for in its facts.
    this.#path = this.steady ? path : path.slice(1);
    this.#default = missing;
    this.#each = each;
    this.#field = field;
    this.#prefix = prefix;
  }

  /**
   * @param document The steady parts, or a statement's facts.
   * @throws PolicyError `policy-evaluate` for what is no JSON, or too large.
   */
  values(document: JsonObject): readonly Json[] {
    const found = valueAt(document, this.#path);
    const at = found === undefined ? this.#default : found;
    if (at === undefined) return none;
    const values = this.#each ? elements(at) : [at];
    if (this.#field === undefined && this.#prefix === Infinity) {
      for (const value of values) check(value);
      return values;
    }
    const parts: Json[] = [];
    for (const value of values) {
      const part = this.#field === undefined ? value : valueAt(value, this.#field);
      if (part === undefined) continue;
      check(part);
      parts.push(this.#cut(part));
    }
    return parts;
  }

  #cut(value: Json): Json {
    if (typeof value !== 'string' || this.#prefix === Infinity) return value;
    return value.toWellFormed().slice(0, this.#prefix);
  }
}

/** A rule would not see what cannot be written as JSON, so it must not be looked up as if it did. */
function check(value: Json): void {
  const fine = typeof value === 'string' ? value.length <= sizeMax : isJson(value, sizeMax);
  if (!fine) throw noJson();
}

function elements(value: Json): readonly Json[] {
  if (typeof value !== 'object' || value === null) return none;
  const items = Array.isArray(value) ? (value as readonly Json[]) : Object.values(value);
  if (items.length > sizeMax) throw noJson();
  return items;
}

function valueAt(document: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}

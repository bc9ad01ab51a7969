// Where the index finds the values that it looks up. A source may give a value that its rules would not see, never lack
// one that they would: what is found is only tried.

import type { Json, JsonObject } from '../model/index.ts';
import type { SourceSpec } from './compiler/index.ts';

type Seen = (value: Json) => boolean;

/** Parts of the input that stay for a session's life. */
const steadyParts = new Set(['principal', 'session', 'target']);

export class FactSource {
  /** Whether it lies in the session's life-long parts, rather than in the statement. */
  readonly steady: boolean;
  readonly #spec: SourceSpec;

  constructor(spec: SourceSpec) {
    this.#spec = spec;
    this.steady = steadyParts.has(spec.path[0] ?? '');
  }

  /** Whether `seen` is true of one of the values; it is asked until it is. `document` has the path's first word. */
  some(document: JsonObject, seen: Seen): boolean {
    const { path, each = false, field } = this.#spec;
    const at = valueAt(document, path) ?? this.#spec.default;
    if (at === undefined) return false;
    if (!each) return this.#ask(at, seen);
    if (typeof at !== 'object' || at === null) return false;
    const elements = Array.isArray(at) ? (at as readonly Json[]) : Object.values(at as JsonObject);
    for (const element of elements) {
      const value = field === undefined ? element : valueAt(element, field);
      if (value !== undefined && this.#ask(value, seen)) return true;
    }
    return false;
  }

  #ask(value: Json, seen: Seen): boolean {
    if (typeof value !== 'string') return seen(value);
    // What the module is sent has no lone surrogates.
    const text = value.toWellFormed();
    return seen(this.#spec.prefix === undefined ? text : text.slice(0, this.#spec.prefix));
  }
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

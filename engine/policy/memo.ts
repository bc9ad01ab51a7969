// Rulings that were given before on exactly the facts that their rules can read.

import type { JsonObject } from '../model/index.ts';
import type { Ruling } from './result.ts';

/** Characters of all facts that are remembered. */
const textMax = 4 * 1024 * 1024;
/** Facts of one ruling: longer ones seldom repeat. */
const entryTextMax = 4096;

/** Characters that stand for what an entry takes beside its facts. */
const entryOverhead = 128;

/** For one generation. Holds are never remembered: each is asked for anew. Errors are no rulings. */
export class Memo {
  /** By the steady part, which is one object for equal parts of one route, then by the statement's: see RouteInput. */
  readonly #entries = new Map<JsonObject, Map<string, Entry>>();
  #size = 0;

  recall(steady: JsonObject, statement: string, clock: string): Ruling | undefined {
    const entry = this.#entries.get(steady)?.get(statement);
    return entry?.clock === clock ? entry.ruling : undefined;
  }

  remember(steady: JsonObject, statement: string, clock: string, ruling: Ruling): void {
    if (ruling.verdict === 'hold' || statement.length > entryTextMax) return;
    if (this.#size > textMax) {
      this.#entries.clear();
      this.#size = 0;
    }
    let entries = this.#entries.get(steady);
    if (entries === undefined) this.#entries.set(steady, (entries = new Map<string, Entry>()));
    entries.set(statement, { clock, ruling });
    this.#size += statement.length + entryOverhead;
  }
}

interface Entry {
  readonly clock: string;
  readonly ruling: Ruling;
}

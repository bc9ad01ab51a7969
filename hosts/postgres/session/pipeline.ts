// What the server still owes: one entry for each forwarded message that is answered, in order (PostgreSQL
// "Message Flow"). An answer that fits no entry ends the session: nothing is passed on unattributed.

import type { Refusal } from '../refusal.ts';
import type { Meter } from './meter.ts';
import type { Permission } from './permission.ts';

/**
 * Why the server must answer with an error: its error is replaced by the refusal, or passed on where the name
 * stood for nothing. `undefined` where it may succeed.
 */
export type MustFail = Refusal | 'missing' | undefined;

export interface QueryEntry {
  readonly kind: 'query';
  readonly permission: Permission | undefined;
  readonly meter: Meter | undefined;
  readonly refused: Refusal | undefined;
}

/** A Parse, Bind or Close; its name is confirmed or discarded in the table that `names` says. */
export interface NameEntry {
  readonly kind: 'parse' | 'bind' | 'close';
  readonly names: 'statements' | 'portals';
  readonly refused: MustFail;
}

export interface DescribeEntry {
  readonly kind: 'describe';
  readonly of: 'statement' | 'portal';
  /** Asked by the gateway to learn the origin of columns: the client never sees the answer. */
  readonly hidden: boolean;
  readonly refused: 'missing' | undefined;
}

export interface ExecuteEntry {
  readonly kind: 'execute';
  readonly permission: Permission | undefined;
  /** The portal's. */
  readonly meter: Meter | undefined;
  readonly refused: MustFail;
}

/** A FunctionCall; the entry behind it is a Sync's, because the server is ready after each. */
export interface CallEntry {
  readonly kind: 'call';
  readonly permission: Permission;
  readonly meter: Meter | undefined;
  readonly refused: undefined;
}

export interface SyncEntry {
  readonly kind: 'sync';
}

/** What runs code of the target, and is metered. */
export type RunEntry = QueryEntry | ExecuteEntry | CallEntry;

export type Entry = RunEntry | NameEntry | DescribeEntry | SyncEntry;

/** More than this is not asked at once: the client is read again when half of it is answered. */
export const entriesMax = 50_000;

export class Pipeline {
  #entries: Entry[] = [];
  #head = 0;

  get first(): Entry | undefined {
    return this.#entries[this.#head];
  }

  /** What the server may be running: it keeps answers to what comes before until it has more of them. */
  get running(): RunEntry | undefined {
    for (let index = this.#head; index < this.#entries.length; index += 1) {
      const entry = this.#entries[index];
      if (entry?.kind === 'query' || entry?.kind === 'execute' || entry?.kind === 'call')
        return entry;
    }
    return undefined;
  }

  /** What comes before the next Sync, and whether there is one. */
  upToSync(): { readonly entries: readonly Entry[]; readonly hasSync: boolean } {
    const rest = this.#entries.slice(this.#head);
    const sync = rest.findIndex(({ kind }) => kind === 'sync');
    return sync < 0
      ? { entries: rest, hasSync: false }
      : { entries: rest.slice(0, sync), hasSync: true };
  }

  get length(): number {
    return this.#entries.length - this.#head;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  shift(): void {
    this.#head += 1;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    }
  }

  /** After an error in the extended protocol the server skips up to the next Sync; answers what it skips. */
  skipToSync(): readonly Entry[] {
    const skipped: Entry[] = [];
    for (let entry = this.first; entry !== undefined && entry.kind !== 'sync'; entry = this.first) {
      skipped.push(entry);
      this.shift();
    }
    return skipped;
  }
}

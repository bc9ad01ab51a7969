// What stands under the names of a session: prepared statements and portals of the protocol, and what SQL prepares and
// declares; the server keeps each two under the same names. A name stands for what was made under it last: what a rollback,
// CLOSE or DEALLOCATE takes away leaves no name, and nothing that was there before comes back.

import type { AnalysedStatement, Catalog } from '../sql/index.ts';
import type { Judged, Known } from './judgement.ts';
import { NameTable } from './names.ts';
import type { Meter } from './meter.ts';
import type { Definition, Permission } from './permission.ts';

export interface Prepared {
  readonly text: string;
  readonly bytes: number;
  known: Known;
  /** What Parse was judged to be, for a Bind in the same chunk; none of what SQL prepared. */
  readonly recent:
    { readonly judged: Judged; readonly revision: string; readonly turn: number } | undefined;
}

export interface Portal {
  readonly bytes: number;
  readonly prepared: Prepared;
  permission: Permission;
  /** What its executions have spent, all together. */
  meter: Meter | undefined;
  /** The revision that permitted it. */
  revision: string;
  /** `SessionState.cursorsOpened` when it was bound. */
  readonly cursorsOpened: number;
  /** `SessionNames.version` when it was bound. */
  readonly version: number;
}

/** A cursor of SQL. Its rows are of the catalog by which it was declared. */
export interface Cursor {
  readonly bytes: number;
  readonly statement: AnalysedStatement;
  readonly catalog: Catalog;
  readonly revision: string;
  readonly outlives: boolean;
}

/** Of one session. Texts count with what their analysis holds; together they are most of what a session keeps. */
const nameBounds = { namesMax: 10_000, bytesMax: 32 * 1024 * 1024 } as const;

/** An analysed statement takes about so many times its text in memory. */
const analysisFactor = 4;

export const bytesOf = (text: string): number => analysisFactor * text.length;

export class SessionNames {
  readonly statements = new NameTable<Prepared>(nameBounds);
  readonly portals = new NameTable<Portal>(nameBounds);
  readonly cursors = new NameTable<Cursor>(nameBounds);
  /** Counts what SQL defined. */
  version = 0;
  /** Code ran that nobody has read: it may have given or taken names. */
  isDoubtful = false;
  /** Masks were in force for some statement of this session. */
  wasGuarded = false;

  /** Whether no answer that is still due decides what a name stands for. */
  get areSettled(): boolean {
    return this.statements.areSettled && this.portals.areSettled;
  }

  /** A Sync was forwarded. */
  endSection(): void {
    this.statements.endSection();
    this.portals.endSection();
  }

  /** The server confirmed a PREPARE or DECLARE. */
  define({ kind, name, text, statement, catalog, revision, outlives }: Definition): void {
    this.version += 1;
    const bytes = bytesOf(text);
    if (kind === 'cursor') {
      this.portals.set(name, undefined);
      this.cursors.set(name, { bytes, statement, catalog, revision, outlives });
      return;
    }
    const known = { analysed: { kind: 'analysed', statements: [statement] }, catalog } as const;
    this.statements.set(name, { text, bytes, known, recent: undefined });
  }

  /** No transaction is open: no portal is left of those of the protocol, and of cursors those WITH HOLD. */
  endTransaction(): void {
    this.portals.drop();
    this.cursors.drop(({ outlives }) => outlives);
  }
}

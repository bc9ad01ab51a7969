// What a target is asked to tell which rows of its catalog a snapshot sees that an earlier one did not.
//
// A transaction that was not over when the earlier snapshot was taken has no lower id than the snapshot's xmin, and neither
// have its subtransactions, as their ids are given out later (PostgreSQL "Transactions and Identifiers"). So every row that is
// new since, or a new version of one, carries such an id. What is gone since shows in the counts: rows that are neither
// new nor gone are the rows of before.

import type { CatalogRows } from '../sql/index.ts';

const kinds = `x.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,S}')`;
const ofUsers = 'x.oid OPERATOR(pg_catalog.>=) 16384';

interface Source {
  readonly from: string;
  /** The object that the row belongs to, and what tells it from others of the object. */
  readonly key: string;
  readonly where?: string;
  /** Also how many rows there are: where rows can go without a trace in others. */
  readonly counted: boolean;
}

/** Rows of columns and defaults go only with their relation, or in an update of a column's row. */
const sources = {
  namespaces: { from: 'pg_namespace', key: 'x.oid', counted: true },
  relations: { from: 'pg_class', key: 'x.oid', where: kinds, counted: true },
  columns: { from: 'pg_attribute', key: 'x.attrelid, x.attnum', counted: false },
  defaults: { from: 'pg_attrdef', key: 'x.adrelid, x.oid', counted: false },
  inherits: { from: 'pg_inherits', key: 'x.inhrelid, x.inhseqno', counted: true },
  rules: { from: 'pg_rewrite', key: 'x.ev_class, x.oid', counted: true },
  functions: { from: 'pg_proc', key: 'x.oid', where: ofUsers, counted: true },
  operators: { from: 'pg_operator', key: 'x.oid', where: ofUsers, counted: true },
  types: { from: 'pg_type', key: 'x.oid', where: ofUsers, counted: true },
  casts: { from: 'pg_cast', key: 'x.oid', where: ofUsers, counted: true },
} as const satisfies Readonly<Record<string, Source>>;

export type ChangeSource = keyof typeof sources;
const names = Object.keys(sources) as readonly ChangeSource[];

/** One text: the oids of all relations that a catalog knows. */
export const relationsQuery = `SELECT pg_catalog.string_agg(x.oid::text, ' ') FROM pg_catalog.pg_class x WHERE ${kinds}`;

/** What an answer is true of: the database, the server process that gave it, and the snapshot's xmin (64 bits). */
const origin = `SELECT pg_catalog.concat_ws(' ', pg_catalog.pg_backend_pid(), pg_catalog.pg_postmaster_start_time(),
    (SELECT d.oid FROM pg_catalog.pg_database d
     WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())),
  pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())::text`;

const ownXmin = `(pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())
  OPERATOR(pg_catalog.%) 4294967296)::text::pg_catalog.xid`;

/**
 * To be asked in one transaction of level REPEATABLE READ, together with what is made of the answers. Ids are compared by
 * their age, as they go round at 2³²; what was frozen long ago may look new, and is then read once more.
 *
 * @param since xmin of the earlier snapshot; that of this one when there is none
 */
export function changesQueries(since: bigint | undefined): readonly string[] {
  const xid = since === undefined ? ownXmin : `'${BigInt.asUintN(32, since)}'::pg_catalog.xid`;
  const isNew = `pg_catalog.age(x.xmin) OPERATOR(pg_catalog.<=) (SELECT pg_catalog.age(${xid}))`;
  const parts = names.map((name) => changesOf(sources[name], isNew));
  return [origin, parts.join('\nUNION ALL\n')];
}

function changesOf({ from, key, where = 'true', counted }: Source, isNew: string): string {
  const rows = `pg_catalog.string_agg(pg_catalog.concat_ws(':', ${key}, x.xmin), ' ')`;
  return counted
    ? `SELECT pg_catalog.count(*)::text, ${rows} FILTER (WHERE ${isNew}) FROM pg_catalog.${from} x WHERE ${where}`
    : `SELECT NULL, ${rows} FROM pg_catalog.${from} x WHERE ${where} AND ${isNew}`;
}

/** One source in one snapshot. */
interface Seen {
  /** Rows that the snapshot sees; `null` where it does not matter. */
  readonly count: string | null;
  /** New rows, each with the id of the transaction that made it: the same text, the same version of the same row. */
  readonly rows: ReadonlySet<string>;
}

export interface CatalogMoment {
  readonly origin: string;
  readonly xmin: bigint;
  readonly seen: Readonly<Record<ChangeSource, Seen>>;
}

/** Of the answers to `changesQueries`. */
export function catalogMoment([origins = [], rows = []]: CatalogRows): CatalogMoment {
  const [from] = origins;
  const seen = names.map((name, at): readonly [ChangeSource, Seen] => {
    const [count = null, list = null] = rows[at] ?? [];
    return [name, { count, rows: new Set(list?.split(' ')) }];
  });
  return {
    origin: from?.[0] ?? '',
    xmin: BigInt(from?.[1] ?? 0),
    seen: Object.fromEntries(seen) as Record<ChangeSource, Seen>,
  };
}

/** What differs between two moments of one origin, where the later was asked for what is new since the earlier. */
export class CatalogDifference {
  readonly #before: CatalogMoment['seen'];
  readonly #after: CatalogMoment['seen'];
  readonly #objects: ReadonlyMap<ChangeSource, ReadonlySet<number>>;

  constructor({ seen: before }: CatalogMoment, { seen: after }: CatalogMoment) {
    this.#before = before;
    this.#after = after;
    this.#objects = new Map(
      names.map((name) => [name, newObjects(before[name].rows, after[name].rows)]),
    );
  }

  get isNone(): boolean {
    return names.every((name) => !this.touched(name));
  }

  /** Whether a row is new or gone. */
  touched(source: ChangeSource): boolean {
    return (
      this.#after[source].count !== this.#before[source].count || this.objects(source).size > 0
    );
  }

  /** Whether a row of before may have another version; otherwise all that is new is of new objects. */
  mayReplace(source: ChangeSource): boolean {
    const added = this.objects(source).size;
    return added > 0 && this.count(source) - Number(this.#before[source].count) !== added;
  }

  /** The objects that new rows belong to. */
  objects(source: ChangeSource): ReadonlySet<number> {
    return this.#objects.get(source) ?? none;
  }

  count(source: ChangeSource): number {
    return Number(this.#after[source].count);
  }
}

const none: ReadonlySet<number> = new Set();

/** While an old transaction runs, what was new before comes again. */
function newObjects(before: ReadonlySet<string>, after: ReadonlySet<string>): ReadonlySet<number> {
  const found = new Set<number>();
  for (const row of after) {
    if (!before.has(row)) found.add(Number(row.slice(0, row.indexOf(':'))));
  }
  return found;
}

// What a target's database holds, as far as names, origins and masking need it. A plain value: read by
// `catalogQueries`, built once, then only looked up.

import { ConfigError } from '#engine/model';

import { catalogQueries } from './catalog-queries.ts';

export interface Column {
  readonly attnum: number;
  readonly name: string;
  readonly typeOid: number;
  /** COPY leaves it out. */
  readonly isGenerated: boolean;
}

/** `pg_class.relkind`: table, partitioned table, view, materialised view, foreign table, sequence. */
export type RelationKind = 'r' | 'p' | 'v' | 'm' | 'f' | 'S';

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `schema.name`, as policies write it. */
  readonly qualified: string;
  readonly kind: RelationKind;
  readonly columns: readonly Column[];
  readonly columnsByName: ReadonlyMap<string, Column>;
  /** Rewrite rules beyond a view's own definition. */
  readonly hasRules: boolean;
  /** Everything joined to it by inheritance or partitioning in either direction, itself included. */
  readonly family: readonly number[];
  /** What its view definition or rules reach, through any number of views. */
  readonly reaches: ReadonlySet<number>;
  /** Its definition calls functions that may read anything. */
  readonly callsFunctions: boolean;
  /** Generated column → columns it is computed from. */
  readonly generated: ReadonlyMap<string, readonly string[]>;
  /** The query of a view or materialised view, in names that need no search_path. */
  readonly definition: string | undefined;
}

export interface Catalog {
  readonly relations: ReadonlyMap<number, Relation>;
  /** By name alone, over all schemas: a search_path is never trusted. */
  readonly byName: ReadonlyMap<string, readonly Relation[]>;
  /** By `schema.name`: several where names hold dots, or for temporary tables of several sessions. */
  readonly byQualified: ReadonlyMap<string, readonly Relation[]>;
  /** Names that are not only built in, and so may mean something else than the built-in. */
  readonly userFunctions: ReadonlySet<string>;
  readonly userOperators: ReadonlySet<string>;
  readonly userCasts: ReadonlySet<string>;
  readonly userTypes: ReadonlySet<string>;
}

export type CatalogRow = readonly (string | null)[];
export type CatalogRows = readonly (readonly CatalogRow[])[];

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const text = (row: CatalogRow, at: number): string => row[at] ?? '';
const number = (row: CatalogRow, at: number): number => Number(text(row, at));

/** Temporary schemas are numbered by backend; policies and statements call all of them `pg_temp`. */
const schemaName = (schema: string): string => (/^pg_temp_\d+$/.test(schema) ? 'pg_temp' : schema);

/** Builds the catalog from the rows of `catalogQueries`, in their order. Throws ConfigError on any other shape. */
export function buildCatalog(results: CatalogRows): Catalog {
  if (results.length !== catalogQueries.length) {
    throw new ConfigError(
      'config-invalid',
      `a catalog has ${catalogQueries.length} row sets, not ${results.length}`,
    );
  }
  const [
    relationRows = [],
    columnRows = [],
    inheritRows = [],
    ruleRows = [],
    callerRows = [],
    generatedRows = [],
    userRows = [],
    viewRows = [],
  ] = results;
  const columns = groupColumns(columnRows);
  const definitions = new Map(viewRows.map((row) => [number(row, 0), text(row, 1)]));
  const families = connect(edges(inheritRows));
  const reaches = close(edges(ruleRows));
  const callers = new Set(callerRows.map((row) => number(row, 0)));
  const relations = new Map<number, Relation>();
  const byName = new Map<string, Relation[]>();
  const byQualified = new Map<string, Relation[]>();
  for (const row of relationRows) {
    const oid = number(row, 0);
    const schema = schemaName(text(row, 1));
    const own = columns.get(oid) ?? [];
    const reached = reaches.get(oid) ?? new Set<number>();
    const relation: Relation = {
      oid,
      schema,
      name: text(row, 2),
      qualified: `${schema}.${text(row, 2)}`,
      kind: text(row, 3) as RelationKind,
      columns: own,
      columnsByName: new Map(own.map((column) => [column.name, column])),
      hasRules: text(row, 4) === 't',
      family: families.get(oid) ?? [oid],
      reaches: reached,
      callsFunctions: callers.has(oid) || [...reached].some((inner) => callers.has(inner)),
      generated: new Map(),
      definition: definitions.get(oid),
    };
    relations.set(oid, relation);
    append(byName, relation.name, relation);
    append(byQualified, relation.qualified, relation);
  }
  addGenerated(relations, generatedRows);
  return {
    relations,
    byName,
    byQualified,
    userFunctions: named(userRows, 'function'),
    userOperators: named(userRows, 'operator'),
    userCasts: named(userRows, 'cast'),
    userTypes: named(userRows, 'type'),
  };
}

function append<Key, Value>(groups: Map<Key, Value[]>, key: Key, value: Value): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/** A catalog that knows nothing: every relation is unknown. */
export const emptyCatalog: Catalog = buildCatalog(catalogQueries.map(() => []));

/** A snapshot is the JSON of the rows that `buildCatalog` takes. Throws ConfigError. */
export function catalogFromJson(json: unknown): Catalog {
  const isCell = (cell: unknown): boolean => cell === null || typeof cell === 'string';
  const isRow = (row: unknown): boolean => Array.isArray(row) && row.every(isCell);
  const isRows = (rows: unknown): boolean => Array.isArray(rows) && rows.every(isRow);
  if (!Array.isArray(json) || !json.every(isRows)) {
    throw new ConfigError('config-invalid', 'a catalog snapshot is an array of arrays of rows');
  }
  return buildCatalog(json as CatalogRows);
}

function named(rows: readonly CatalogRow[], sort: string): ReadonlySet<string> {
  return new Set(rows.filter((row) => row[0] === sort).map((row) => text(row, 1)));
}

function groupColumns(rows: readonly CatalogRow[]): ReadonlyMap<number, readonly Column[]> {
  const groups = new Map<number, Column[]>();
  for (const row of rows) {
    append(groups, number(row, 0), {
      attnum: number(row, 1),
      name: text(row, 2),
      typeOid: number(row, 3),
      isGenerated: text(row, 4) !== '',
    });
  }
  return groups;
}

function addGenerated(relations: ReadonlyMap<number, Relation>, rows: readonly CatalogRow[]): void {
  for (const row of rows) {
    const relation = relations.get(number(row, 0)) as Mutable<Relation> | undefined;
    const name = (attnum: number): string | undefined =>
      relation?.columns.find((column) => column.attnum === attnum)?.name;
    const column = name(number(row, 1));
    const source = name(number(row, 2));
    if (relation === undefined || column === undefined || source === undefined) continue;
    const sources = relation.generated.get(column) ?? [];
    relation.generated = new Map([...relation.generated, [column, [...sources, source]]]);
  }
}

type Edges = ReadonlyMap<number, ReadonlySet<number>>;

function edges(rows: readonly CatalogRow[]): Edges {
  const found = new Map<number, Set<number>>();
  for (const row of rows) {
    const from = found.get(number(row, 0));
    if (from === undefined) found.set(number(row, 0), new Set([number(row, 1)]));
    else from.add(number(row, 1));
  }
  return found;
}

function reach(from: number, next: Edges): Set<number> {
  const seen = new Set<number>();
  const queue = [from];
  for (let oid = queue.pop(); oid !== undefined; oid = queue.pop()) {
    for (const to of next.get(oid) ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      queue.push(to);
    }
  }
  return seen;
}

function close(direct: Edges): Edges {
  return new Map([...direct.keys()].map((oid) => [oid, reach(oid, direct)]));
}

function connect(direct: Edges): ReadonlyMap<number, readonly number[]> {
  const both = new Map<number, Set<number>>();
  const link = (from: number, to: number): void => {
    const known = both.get(from);
    if (known === undefined) both.set(from, new Set([to]));
    else known.add(to);
  };
  for (const [child, parents] of direct) {
    for (const parent of parents) {
      link(child, parent);
      link(parent, child);
    }
  }
  const families = new Map<number, readonly number[]>();
  for (const oid of both.keys()) {
    if (families.has(oid)) continue;
    const family = [...reach(oid, both).add(oid)];
    for (const member of family) families.set(member, family);
  }
  return families;
}

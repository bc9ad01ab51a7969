// What a target's catalog says of each relation by itself, and of names: what a catalog is built from. Read row by row,
// kept as a value, brought up to date by the facts of what changed.

import { isDeepStrictEqual } from 'node:util';

import type { Column, Relation, RelationKind } from './catalog.ts';
import type { RowSet } from './catalog-queries.ts';
import { rowSets } from './catalog-queries.ts';

export type CatalogRow = readonly (string | null)[];
export type CatalogRows = readonly (readonly CatalogRow[])[];

/** From one relation to another, by oid. */
export type Edge = readonly [number, number];

export interface RelationFacts {
  /** Without what is joined to it: a family of itself, reaching nothing, calling what it calls itself. */
  readonly relation: Relation;
  /** What its view definition or rules read or write themselves. */
  readonly reads: ReadonlySet<number>;
}

/** Names that are not only built in. */
export interface UserNames {
  readonly functions: ReadonlySet<string>;
  readonly operators: ReadonlySet<string>;
  readonly casts: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

export interface CatalogFacts {
  readonly relations: ReadonlyMap<number, RelationFacts>;
  /** Child and parent. */
  readonly inherits: readonly Edge[];
  readonly names: UserNames;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Growing = Mutable<Relation> & {
  readonly columns: Column[];
  readonly columnsByName: Map<string, Column>;
  readonly generated: Map<string, readonly string[]>;
};

const text = (row: CatalogRow, at: number): string => row[at] ?? '';
const number = (row: CatalogRow, at: number): number => Number(text(row, at));

/** Temporary schemas are numbered by backend; policies and statements call all of them `pg_temp`. */
const schemaName = (schema: string): string => (/^pg_temp_\d+$/.test(schema) ? 'pg_temp' : schema);

const noReads: ReadonlySet<number> = new Set();
const noNames: UserNames = {
  functions: new Set(),
  operators: new Set(),
  casts: new Set(),
  types: new Set(),
};

export const noFacts: CatalogFacts = { relations: new Map(), inherits: [], names: noNames };

/** Takes rows of `catalogQueries` one by one, those of a set together, the sets in their order. */
export class FactsReader {
  readonly #relations = new Map<number, { readonly relation: Growing; reads: Set<number> }>();
  readonly #inherits: Edge[] = [];
  readonly #names = {
    functions: new Set<string>(),
    operators: new Set<string>(),
    casts: new Set<string>(),
    types: new Set<string>(),
  };
  /** Of views whose other rows were not asked for. */
  readonly definitions = new Map<number, string>();

  /** To be taken when all rows are read. */
  get facts(): CatalogFacts {
    return { relations: this.#relations, inherits: this.#inherits, names: this.#names };
  }

  add(set: RowSet, row: CatalogRow): void {
    const oid = number(row, 0);
    const known = this.#relations.get(oid);
    switch (set) {
      case 'relations':
        this.#relations.set(oid, { relation: relationOf(row), reads: new Set() });
        return;
      case 'columns':
        if (known !== undefined) addColumn(known.relation, row);
        return;
      case 'inherits':
        this.#inherits.push([oid, number(row, 1)]);
        return;
      case 'rules':
        known?.reads.add(number(row, 1));
        return;
      case 'callers':
        if (known !== undefined) known.relation.callsFunctions = true;
        return;
      case 'generated':
        if (known !== undefined) addGenerated(known.relation, row);
        return;
      case 'names':
        this.#addName(text(row, 0), text(row, 1));
        return;
      case 'definitions':
        if (known === undefined) this.definitions.set(oid, text(row, 1));
        else known.relation.definition = text(row, 1);
        return;
    }
  }

  #addName(sort: string, name: string): void {
    if (sort === 'function') this.#names.functions.add(name);
    else if (sort === 'operator') this.#names.operators.add(name);
    else if (sort === 'cast') this.#names.casts.add(name);
    else if (sort === 'type') this.#names.types.add(name);
  }
}

function relationOf(row: CatalogRow): Growing {
  const oid = number(row, 0);
  const schema = schemaName(text(row, 1));
  const name = text(row, 2);
  return {
    ...{ oid, schema, name, qualified: `${schema}.${name}` },
    kind: text(row, 3) as RelationKind,
    columns: [],
    columnsByName: new Map(),
    hasRules: text(row, 4) === 't',
    family: [oid],
    reaches: noReads,
    callsFunctions: false,
    generated: new Map(),
    definition: undefined,
  };
}

function addColumn({ columns, columnsByName }: Growing, row: CatalogRow): void {
  const name = text(row, 2);
  const column = {
    attnum: number(row, 1),
    name,
    typeOid: number(row, 3),
    isGenerated: text(row, 4) !== '',
  };
  columns.push(column);
  columnsByName.set(name, column);
}

function addGenerated({ columns, generated }: Growing, row: CatalogRow): void {
  const name = (attnum: number): string | undefined =>
    columns.find((column) => column.attnum === attnum)?.name;
  const column = name(number(row, 1));
  const source = name(number(row, 2));
  if (column === undefined || source === undefined) return;
  generated.set(column, [...(generated.get(column) ?? []), source]);
}

/** What to make of facts that were read before. */
export interface FactsChange {
  /** The relations that were read again: one without facts is no more. */
  readonly relations: Iterable<number>;
  /** Their facts, and definitions of other views. */
  readonly read: FactsReader;
  /** Whether inheritance and names were read again too. */
  readonly inherits: boolean;
  readonly names: boolean;
}

/** The facts after a change, the same object where nothing is different; those before stay as they are. */
export function changeFacts(before: CatalogFacts, change: FactsChange): CatalogFacts {
  const { facts, definitions } = change.read;
  const relations = new Map(before.relations);
  let isChanged = change.inherits || change.names;
  const put = (oid: number, found: RelationFacts | undefined): void => {
    if (isDeepStrictEqual(found, relations.get(oid))) return;
    isChanged = true;
    if (found === undefined) relations.delete(oid);
    else relations.set(oid, found);
  };
  for (const oid of change.relations) put(oid, facts.relations.get(oid));
  for (const [oid, definition] of definitions) {
    const known = relations.get(oid);
    if (known === undefined) continue;
    put(oid, { ...known, relation: { ...known.relation, definition } });
  }
  if (!isChanged) return before;
  return {
    relations,
    inherits: change.inherits ? facts.inherits : before.inherits,
    names: change.names ? facts.names : before.names,
  };
}

/** The rows of each set, in the order of `catalogQueries`: what facts are saved as. */
export function rowsOf(facts: CatalogFacts): readonly Iterable<CatalogRow>[] {
  return rowSets.map((set) => rowsOfSet(set, facts));
}

function* rowsOfSet(set: RowSet, { relations, inherits, names }: CatalogFacts) {
  if (set === 'names') yield* rowsOfNames(names);
  else if (set === 'inherits') for (const edge of inherits) yield edge.map(String);
  else for (const facts of relations.values()) yield* rowsOfRelation(set, facts);
}

function rowsOfNames(names: UserNames): CatalogRow[] {
  const rows = (sort: string, found: ReadonlySet<string>): CatalogRow[] =>
    Array.from(found, (name) => [sort, name]);
  return [
    ...rows('function', names.functions),
    ...rows('operator', names.operators),
    ...rows('type', names.types),
    ...rows('cast', names.casts),
  ];
}

function rowsOfRelation(
  set: Exclude<RowSet, 'names' | 'inherits'>,
  { relation, reads }: RelationFacts,
): CatalogRow[] {
  const oid = String(relation.oid);
  switch (set) {
    case 'relations': {
      const { schema, name, kind, hasRules } = relation;
      return [[oid, schema, name, kind, hasRules ? 't' : 'f']];
    }
    case 'columns':
      return relation.columns.map(({ attnum, name, typeOid, isGenerated }) => [
        ...[oid, String(attnum), name, String(typeOid)],
        isGenerated ? 's' : '',
      ]);
    case 'rules':
      return Array.from(reads, (read) => [oid, String(read)]);
    case 'callers':
      return relation.callsFunctions ? [[oid]] : [];
    case 'generated':
      return generatedRows(oid, relation);
    case 'definitions':
      return relation.definition === undefined ? [] : [[oid, relation.definition]];
  }
}

function generatedRows(oid: string, { generated, columnsByName }: Relation): CatalogRow[] {
  const attnum = (name: string): string => String(columnsByName.get(name)?.attnum);
  return [...generated].flatMap(([name, sources]) =>
    sources.map((source) => [oid, attnum(name), attnum(source)]),
  );
}

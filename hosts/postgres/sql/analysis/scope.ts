// Names in scope: what a FROM item, a CTE or a target relation is called and which columns it may have.
// Resolution follows parse_relation.c; wherever the catalog leaves room for doubt, every candidate counts.

import type { RangeVar } from 'libpg-query';

import type { Catalog, Relation } from '../catalog.ts';

/** Column names that a query puts out, in order; incomplete if some cannot be told from the text. */
export interface Output {
  readonly names: readonly string[];
  readonly complete: boolean;
}

export const unknownOutput: Output = { names: [], complete: false };

export interface Cte {
  readonly name: string;
  readonly output: Output;
  readonly next: Cte | undefined;
}

/** One relation that the catalog does not know has only its name. */
export type Candidate =
  Relation | { readonly oid: 0; readonly schema: string; readonly qualified: string };

interface Named {
  /** Undefined for a derived table without a name. */
  readonly alias: string | undefined;
}

export interface BaseEntry extends Named {
  readonly kind: 'base';
  /** Its own name still works as `schema.name`: there is no alias. */
  readonly bare: boolean;
  /** One, or every relation of that name in any schema. */
  readonly candidates: readonly Candidate[];
  /** `AS u(a, b)` renames the first columns. */
  readonly renamed: readonly string[];
  /** `old` and `new` in RETURNING are only reached by their name. */
  readonly qualifiedOnly: boolean;
}

export interface DerivedEntry extends Named {
  readonly kind: 'derived';
  readonly output: Output;
}

/** A join with an alias hides its members' names, not their columns. */
export interface JoinEntry extends Named {
  readonly kind: 'join';
  readonly members: readonly Entry[];
  readonly renamed: readonly string[];
}

export type Entry = BaseEntry | DerivedEntry | JoinEntry;

export interface Scope {
  readonly outer: Scope | undefined;
  readonly entries: Entry[];
  readonly ctes: Cte | undefined;
  /** A join with USING or NATURAL changes the order of `*`. */
  merged?: boolean;
}

export const rootScope: Scope = { outer: undefined, entries: [], ctes: undefined };

/** Which relations a name may mean: never trusting search_path, so all schemas' relations of that name. */
export function candidatesOf(catalog: Catalog, name: RangeVar): readonly Candidate[] {
  const relation = name.relname ?? '';
  const namesakes = catalog.byName.get(relation);
  const temporary = name.schemaname !== undefined && /^pg_temp(_\d+)?$/.test(name.schemaname);
  const schema = temporary ? 'pg_temp' : name.schemaname;
  const known =
    schema === undefined ? namesakes : namesakes?.filter((found) => found.schema === schema);
  return known === undefined || known.length === 0
    ? [unknownRelation(schema ?? 'public', relation)]
    : known;
}

export const unknownRelation = (schema: string, name: string): Candidate => ({
  oid: 0,
  schema,
  qualified: `${schema}.${name}`,
});

const systemColumns = new Set(['ctid', 'tableoid', 'xmin', 'xmax', 'cmin', 'cmax']);

/** The column's real name in the relation; undefined if it has no such column. */
export function realColumn(entry: BaseEntry, relation: Relation, name: string): string | undefined {
  if (entry.renamed.length > 0) {
    const at = entry.renamed.indexOf(name);
    if (at >= 0) return relation.columns[at]?.name;
    const own = relation.columns.findIndex((column) => column.name === name);
    if (own >= 0 && own < entry.renamed.length) return undefined;
  }
  return relation.columnsByName.has(name) || systemColumns.has(name) ? name : undefined;
}

/** The names under which an entry's columns are visible. */
export function visibleColumns(entry: Entry): Output {
  switch (entry.kind) {
    case 'derived':
      return entry.output;
    case 'join':
      return unknownOutput;
    case 'base': {
      const relation = entry.candidates[0];
      if (entry.candidates.length !== 1 || relation === undefined || relation.oid === 0) {
        return unknownOutput;
      }
      const names = (relation as Relation).columns.map(
        (column, at) => entry.renamed[at] ?? column.name,
      );
      return { names, complete: true };
    }
  }
}

/** Output columns under an alias with column names: `(…) AS s(a, b)`. */
export function rename(output: Output, names: readonly string[]): Output {
  return names.length === 0
    ? output
    : { names: [...names, ...output.names.slice(names.length)], complete: output.complete };
}

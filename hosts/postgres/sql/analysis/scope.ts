// Names in scope: what a FROM item, a CTE or a target relation is called and which columns it may have.
// Resolution follows parse_relation.c; wherever the catalog leaves room for doubt, every candidate counts.

import type { RangeVar } from 'libpg-query';

import type { Catalog, Relation } from '../catalog.ts';
import type { Flow } from './flow.ts';
import { flowFrom, mergeFlows, noFlow } from './flow.ts';

/** The columns that a query puts out. */
export interface Output {
  /** In order, if it is complete. */
  readonly names: readonly string[];
  /** Of the columns in `names`, one each. */
  readonly flows: readonly Flow[];
  /** There are no other columns than those in `names`. */
  readonly complete: boolean;
  /** Relations of unknown shape whose columns are among the others, under their own names. */
  readonly stars: readonly Entry[];
  /** What any further column may hold. */
  readonly rest: Flow;
}

export const noOutput: Output = { names: [], flows: [], complete: true, stars: [], rest: noFlow };

/** The name of a column that is not worked out: longer than the 63 bytes of any. */
export const unknownName = '?'.repeat(64);

/** Columns that the text does not name, with values from these sources. */
export const unknownOutput = (rest: Flow): Output => ({ ...noOutput, complete: false, rest });

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
  /** Its columns are only reached by its name: `old` and `new` in RETURNING, the sides of a join with USING. */
  readonly qualifiedOnly: boolean;
}

export interface BaseEntry extends Named {
  readonly kind: 'base';
  /** Its own name still works as `schema.name`: there is no alias. */
  readonly bare: boolean;
  /** One, or every relation of that name in any schema. */
  readonly candidates: readonly Candidate[];
  /** `AS u(a, b)` renames the first columns. */
  readonly renamed: readonly string[];
}

export interface DerivedEntry extends Named {
  readonly kind: 'derived';
  readonly output: Output;
  /** The sides of a join with USING or NATURAL, whose columns these are. */
  readonly sides?: readonly Entry[];
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
  /**
   * After a join with USING or NATURAL of unknown shape, which leaves the order of `*` open: what the columns of both
   * sides hold, for which the server may not say where they come from.
   */
  merged?: Flow;
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

export const isKnown = (candidate: Candidate): candidate is Relation => candidate.oid !== 0;

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

const outputs = new WeakMap<Relation, Output>();

function outputOfRelation(relation: Relation): Output {
  const known = outputs.get(relation);
  if (known !== undefined) return known;
  const output: Output = {
    ...noOutput,
    names: relation.columns.map(({ name }) => name),
    flows: relation.columns.map(({ name }) => flowFrom(`${relation.qualified}.${name}`, 'origin')),
  };
  outputs.set(relation, output);
  return output;
}

/** The columns that an entry shows. */
export function visibleColumns(entry: Entry): Output {
  switch (entry.kind) {
    case 'derived':
      return entry.output;
    case 'join':
      return { ...unknownOutput(mergeFlows([rowFlow(entry)], 'plain')), stars: entry.members };
    case 'base': {
      const [relation] = entry.candidates;
      return entry.candidates.length === 1 && relation !== undefined && isKnown(relation)
        ? rename(outputOfRelation(relation), entry.renamed)
        : { ...noOutput, complete: false, stars: [entry] };
    }
  }
}

/** Every column of an entry. */
export function rowFlow(entry: Entry): Flow {
  switch (entry.kind) {
    case 'base':
      return mergeFlows(
        entry.candidates.map(({ qualified }) => flowFrom(`${qualified}.*`, 'origin')),
      );
    case 'join':
      return mergeFlows(entry.members.map(rowFlow));
    case 'derived':
      return totalFlow(entry.output);
  }
}

/** Every column of an output. */
export const totalFlow = ({ flows, stars, rest }: Output): Flow =>
  mergeFlows([...flows, ...stars.map(rowFlow), rest]);

/** What taking all its columns together costs. */
export function weightOf({ flows, stars, rest }: Output): number {
  let weight = rest.size + stars.length;
  for (const flow of flows) weight += flow.size;
  return weight;
}

/** Output columns under an alias with column names: `(…) AS s(a, b)`. */
export function rename(output: Output, names: readonly string[]): Output {
  if (names.length === 0) return output;
  const renamed = [...names, ...output.names.slice(names.length)];
  if (output.complete && renamed.length === output.names.length) {
    return { ...output, names: renamed };
  }
  return unknownOutput(mergeFlows([totalFlow(output)], 'plain'));
}

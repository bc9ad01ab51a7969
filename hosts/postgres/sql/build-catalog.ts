// From facts of each relation to a catalog: what is joined to what, through any number of views, is found here.

import { ConfigError } from '#engine/model';

import type { Catalog, Relation } from './catalog.ts';
import type { CatalogFacts, CatalogRow, CatalogRows, Edge } from './catalog-facts.ts';
import { FactsReader, noFacts } from './catalog-facts.ts';
import { rowSets } from './catalog-queries.ts';

/** Builds the catalog from the rows of `catalogQueries`, in their order. Throws ConfigError on any other shape. */
export function buildCatalog(results: CatalogRows): Catalog {
  if (results.length !== rowSets.length) {
    throw new ConfigError(
      'config-invalid',
      `a catalog has ${rowSets.length} row sets, not ${results.length}`,
    );
  }
  const reader = new FactsReader();
  for (const [at, set] of rowSets.entries()) {
    for (const row of results[at] ?? []) reader.add(set, row);
  }
  return catalogOf(reader.facts);
}

/**
 * Closes facts over views, rules and families. What is joined to nothing is shared with them, and so between catalogs:
 * whoever remembers something of a relation that depends on others remembers it by the catalog.
 */
export function catalogOf(facts: CatalogFacts): Catalog {
  const families = connect(edges(facts.inherits));
  const reaches = close(directReads(facts));
  const relations = new Map<number, Relation>();
  const byName = new Map<string, Relation[]>();
  const byQualified = new Map<string, Relation[]>();
  for (const [oid, { relation: own }] of facts.relations) {
    const family = families.get(oid);
    const reached = reaches.get(oid);
    const relation =
      family === undefined && reached === undefined
        ? own
        : {
            ...own,
            family: family ?? own.family,
            reaches: reached ?? own.reaches,
            callsFunctions: own.callsFunctions || anyCalls(facts, reached),
          };
    relations.set(oid, relation);
    append(byName, relation.name, relation);
    append(byQualified, relation.qualified, relation);
  }
  const { functions, operators, casts, types } = facts.names;
  return {
    ...{ relations, byName, byQualified },
    ...{ userFunctions: functions, userOperators: operators, userCasts: casts, userTypes: types },
  };
}

function anyCalls({ relations }: CatalogFacts, reached: ReadonlySet<number> = new Set()): boolean {
  for (const oid of reached) if (relations.get(oid)?.relation.callsFunctions === true) return true;
  return false;
}

function directReads({ relations }: CatalogFacts): Edges {
  const direct = new Map<number, ReadonlySet<number>>();
  for (const [oid, { reads }] of relations) if (reads.size > 0) direct.set(oid, reads);
  return direct;
}

function append<Key, Value>(groups: Map<Key, Value[]>, key: Key, value: Value): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/** A catalog that knows nothing: every relation is unknown. */
export const emptyCatalog: Catalog = catalogOf(noFacts);

/** A snapshot is the JSON of the rows that `buildCatalog` takes. Throws ConfigError. */
export function catalogFromJson(json: unknown): Catalog {
  const isCell = (cell: unknown): boolean => cell === null || typeof cell === 'string';
  const isRow = (row: unknown): boolean => Array.isArray(row) && row.every(isCell);
  const isRows = (rows: unknown): boolean => Array.isArray(rows) && rows.every(isRow);
  if (!Array.isArray(json) || !json.every(isRows)) {
    throw new ConfigError('config-invalid', 'a catalog snapshot is an array of arrays of rows');
  }
  return buildCatalog(json as readonly (readonly CatalogRow[])[]);
}

type Edges = ReadonlyMap<number, ReadonlySet<number>>;

function edges(pairs: readonly Edge[]): Edges {
  const found = new Map<number, Set<number>>();
  for (const [from, to] of pairs) {
    const known = found.get(from);
    if (known === undefined) found.set(from, new Set([to]));
    else known.add(to);
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

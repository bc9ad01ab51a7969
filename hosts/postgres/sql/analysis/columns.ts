// Column references: from the words in the text to the columns of base relations that they may mean.

import type { ColumnRef } from 'libpg-query';

import type { Relation } from '../catalog.ts';
import { rowFunctions } from '../reviewed-functions.ts';
import { only, stringOf } from './ast.ts';
import type { BaseEntry, Candidate, Entry, Scope } from './scope.ts';
import { realColumn } from './scope.ts';
import type { Position, Walk } from './walk.ts';
import { addFunction, spend, useColumn } from './walk.ts';

interface Found {
  /** Keys of the uses, to change their position later. */
  readonly keys: string[];
  /** Certainly this one: outer levels are hidden. */
  certain: boolean;
  /** An entry of unknown shape may have it. */
  possible: boolean;
}

const nothing = (): Found => ({ keys: [], certain: false, possible: false });

/** Records every column that a reference may mean. Returns the keys of the uses. */
export function useReference(
  walk: Walk,
  scope: Scope,
  reference: ColumnRef,
  position: Position,
): readonly string[] {
  const fields = reference.fields ?? [];
  const last = fields.at(-1);
  const star = only(last, 'A_Star') !== undefined;
  const relation = fields.length > 1 ? stringOf(fields.at(-2)) : undefined;
  const schema = fields.length > 2 ? stringOf(fields.at(-3)) : undefined;
  if (star) return useStar(walk, scope, { relation, schema }, position);
  const name = stringOf(last);
  return relation === undefined
    ? useName(walk, scope, name, position)
    : useQualified(walk, scope, { relation, schema, name }, position);
}

interface Qualifier {
  readonly relation: string | undefined;
  readonly schema: string | undefined;
}

function useStar(
  walk: Walk,
  scope: Scope,
  qualifier: Qualifier,
  position: Position,
): readonly string[] {
  spend(walk, scope.entries.length);
  const keys: string[] = [];
  const { relation } = qualifier;
  const entries =
    relation === undefined ? scope.entries : namedEntries(walk, scope, relation, qualifier.schema);
  for (const entry of entries) {
    if (relation === undefined && entry.kind === 'base' && entry.qualifiedOnly) continue;
    keys.push(...useRow(walk, entry, position));
  }
  return keys;
}

function useName(walk: Walk, scope: Scope, name: string, position: Position): readonly string[] {
  const found = nothing();
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    spend(walk, level.entries.length);
    for (const entry of level.entries) {
      if (entry.kind === 'base' && entry.qualifiedOnly) continue;
      useOf(walk, entry, name, { position, found });
    }
    if (found.certain) return found.keys;
  }
  // No column of that name for sure, so it may be a whole row.
  const rows = namedEntries(walk, scope, name, undefined);
  for (const entry of rows) found.keys.push(...useRow(walk, entry, 'inner'));
  if (rows.length === 0 && found.keys.length === 0 && !found.possible) {
    useUnresolved(walk, scope, name);
  }
  return found.keys;
}

function useQualified(
  walk: Walk,
  scope: Scope,
  words: Qualifier & { readonly relation: string; readonly name: string },
  position: Position,
): readonly string[] {
  const found = nothing();
  const entries = namedEntries(walk, scope, words.relation, words.schema);
  for (const entry of entries) useOf(walk, entry, words.name, { position, found });
  if (entries.length === 0) {
    useUnresolved(walk, scope, words.name);
  } else if (!found.certain) {
    // `u.f` where f is no column of u calls the function f with the whole row.
    const call = found.keys.length === 0 && !found.possible;
    if (call || walk.catalog.userFunctions.has(words.name)) addFunction(walk, words.name);
    if (call || walk.catalog.userFunctions.has(words.name) || rowFunctions.has(words.name)) {
      for (const entry of entries) useRowWithout(walk, entry, words.name);
    }
  }
  return found.keys;
}

// Where several relations may be meant, only those without such a column can be whole rows here.
function useRowWithout(walk: Walk, entry: Entry, name: string): void {
  if (entry.kind !== 'base') {
    useRow(walk, entry, 'inner');
    return;
  }
  for (const candidate of entry.candidates) {
    if (!isKnown(candidate) || realColumn(entry, candidate, name) === undefined) {
      useColumn(walk, candidate, '*', 'inner');
    }
  }
}

/** The entries that a relation's name means: those of the innermost level that has any. */
function namedEntries(
  walk: Walk,
  scope: Scope,
  name: string,
  schema: string | undefined,
): readonly Entry[] {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    spend(walk, level.entries.length);
    const entries = level.entries.filter(
      (entry) => entry.alias === name && (schema === undefined || inSchema(entry, schema)),
    );
    if (entries.length > 0) return entries;
  }
  return [];
}

const inSchema = (entry: Entry, schema: string): boolean =>
  entry.kind === 'base' &&
  entry.bare &&
  entry.candidates.some(
    (candidate) =>
      candidate.schema === schema || candidate.oid === 0 || candidate.schema === 'pg_temp',
  );

interface Sought {
  readonly position: Position;
  readonly found: Found;
}

function useOf(walk: Walk, entry: Entry, name: string, sought: Sought): void {
  switch (entry.kind) {
    case 'base':
      useOfBase(walk, entry, name, sought);
      return;
    case 'derived':
      if (entry.output.names.includes(name)) sought.found.certain = true;
      else if (!entry.output.complete) sought.found.possible = true;
      return;
    case 'join':
      // Which member a renamed column belongs to is not worked out: it counts as all of them.
      if (entry.renamed.includes(name)) {
        sought.found.certain = true;
        useRow(walk, entry, 'inner');
        return;
      }
      for (const member of entry.members) useOf(walk, member, name, sought);
      return;
    default:
      entry satisfies never;
  }
}

function useOfBase(walk: Walk, entry: BaseEntry, name: string, sought: Sought): void {
  const { found, position } = sought;
  let everywhere = true;
  for (const candidate of entry.candidates) {
    if (!isKnown(candidate)) {
      found.possible = true;
      everywhere = false;
      found.keys.push(useColumn(walk, candidate, name, position));
      continue;
    }
    const column = realColumn(entry, candidate, name);
    if (column === undefined) everywhere = false;
    else found.keys.push(useColumn(walk, candidate, column, position));
  }
  if (everywhere) found.certain = true;
}

const isKnown = (candidate: Candidate): candidate is Relation => candidate.oid !== 0;

/** A whole row of an entry. */
export function useRow(walk: Walk, entry: Entry, position: Position): readonly string[] {
  switch (entry.kind) {
    case 'base':
      return entry.candidates.map((candidate) => useColumn(walk, candidate, '*', position));
    case 'join':
      return entry.members.flatMap((member) => useRow(walk, member, 'inner'));
    case 'derived':
      return [];
  }
}

// A name that nothing in scope is known to have: a mistake, or a column newer than the catalog.
function useUnresolved(walk: Walk, scope: Scope, name: string): void {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    // Dearer than a look-up: each leaves facts behind.
    spend(walk, 10 * level.entries.length);
    for (const entry of level.entries) {
      if (entry.kind !== 'base') continue;
      walk.unknownRelation = true;
      for (const candidate of entry.candidates) {
        useColumn(walk, candidate, name, 'inner');
        walk.uses.inner.add(`${candidate.qualified}.*`);
      }
    }
  }
}

/** Columns that are only assigned: `INSERT INTO t (a)`, `SET a = …`. */
export function useWritten(walk: Walk, entry: BaseEntry, name: string): void {
  for (const candidate of entry.candidates) useColumn(walk, candidate, name, 'written');
}

// Column references: from the words in the text to the columns of base relations that they may mean.

import type { ColumnRef } from 'libpg-query';

import { rowFunctions } from '../reviewed-functions.ts';
import { only, stringOf } from './ast.ts';
import { applyFunction } from './calls.ts';
import type { Flow } from './flow.ts';
import { deriveFrom, flowFrom, mergeFlows } from './flow.ts';
import type { BaseEntry, Entry, Output, Scope } from './scope.ts';
import { isKnown, realColumn, rowFlow, unknownName } from './scope.ts';
import { spendOn } from './values.ts';
import type { Walk } from './walk.ts';
import { addFunction, escape, noteColumn, readColumn, spend, writeColumn } from './walk.ts';

interface Found {
  readonly flows: Flow[];
  /** Certainly this one: outer levels are hidden. */
  certain: boolean;
  /** An entry of unknown shape may have it. */
  possible: boolean;
}

const nothing = (): Found => ({ flows: [], certain: false, possible: false });

/** Records every column that a reference may mean, and answers what its value is made of. */
export function useReference(walk: Walk, scope: Scope, reference: ColumnRef): Flow {
  const fields = reference.fields ?? [];
  const last = fields.at(-1);
  const relation = fields.length > 1 ? stringOf(fields.at(-2)) : undefined;
  const schema = fields.length > 2 ? stringOf(fields.at(-3)) : undefined;
  if (only(last, 'A_Star') !== undefined) {
    const rows = starEntries(walk, scope, { relation, schema });
    return deriveFrom(...rows.map((entry) => useRow(walk, entry)));
  }
  const name = stringOf(last);
  const flow =
    relation === undefined
      ? useName(walk, scope, name)
      : useQualified(walk, scope, { relation, schema, name });
  spend(walk, flow.size);
  return flow;
}

interface Qualifier {
  readonly relation: string | undefined;
  readonly schema: string | undefined;
}

/** The entries that `*` or `t.*` stands for, in order. */
export function starEntries(walk: Walk, scope: Scope, qualifier: Qualifier): readonly Entry[] {
  spend(walk, scope.entries.length);
  return qualifier.relation === undefined
    ? scope.entries.filter((entry) => !entry.qualifiedOnly)
    : namedEntries(walk, scope, qualifier.relation, qualifier.schema);
}

function useName(walk: Walk, scope: Scope, name: string): Flow {
  const found = nothing();
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    spend(walk, level.entries.length);
    for (const entry of level.entries) {
      if (!entry.qualifiedOnly) useOf(walk, entry, name, found);
    }
    if (found.certain) return mergeFlows(found.flows);
  }
  // No column of that name for sure, so it may be a whole row.
  const rows = namedEntries(walk, scope, name, undefined);
  for (const entry of rows) found.flows.push(deriveFrom(useRow(walk, entry)));
  if (rows.length === 0 && found.flows.length === 0 && !found.possible) {
    useUnresolved(walk, scope, name);
  }
  return mergeFlows(found.flows);
}

function useQualified(
  walk: Walk,
  scope: Scope,
  words: Qualifier & { readonly relation: string; readonly name: string },
): Flow {
  const found = nothing();
  const entries = namedEntries(walk, scope, words.relation, words.schema);
  for (const entry of entries) useOf(walk, entry, words.name, found);
  if (entries.length === 0) {
    useUnresolved(walk, scope, words.name);
  } else if (!found.certain) {
    // `u.f` where f is no column of u calls the function f with the whole row.
    const call = found.flows.length === 0 && !found.possible;
    const ofUsers = walk.catalog.userFunctions.has(words.name);
    if (call || ofUsers) addFunction(walk, words.name);
    if (call || ofUsers || rowFunctions.has(words.name)) {
      const rows = entries.map((entry) => useRowWithout(walk, entry, words.name));
      const row = { flow: mergeFlows(rows), isCalm: true };
      found.flows.push(applyFunction(walk, words.name, row).flow);
    }
  }
  return mergeFlows(found.flows);
}

// Where several relations may be meant, only those without such a column can be whole rows here.
function useRowWithout(walk: Walk, entry: Entry, name: string): Flow {
  if (entry.kind !== 'base') return useRow(walk, entry);
  const lacking = entry.candidates.filter(
    (candidate) => !isKnown(candidate) || realColumn(entry, candidate, name) === undefined,
  );
  return useRow(walk, { ...entry, candidates: lacking });
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

function useOf(walk: Walk, entry: Entry, name: string, found: Found): void {
  switch (entry.kind) {
    case 'base':
      useOfBase(walk, entry, name, found);
      return;
    case 'derived':
      useOfOutput(walk, entry.output, name, found);
      if (entry.sides !== undefined)
        found.flows.forEach((flow) => {
          noteFlow(walk, flow);
        });
      return;
    case 'join':
      // Which member a renamed column belongs to is not worked out: it counts as all of them.
      if (entry.renamed.includes(name)) {
        found.certain = true;
        found.flows.push(mergeFlows([useRow(walk, entry)], 'plain'));
        return;
      }
      for (const member of entry.members) useOf(walk, member, name, found);
      return;
    default:
      entry satisfies never;
  }
}

function useOfOutput(walk: Walk, output: Output, name: string, found: Found): void {
  spend(walk, output.names.length);
  for (const [at, known] of output.names.entries()) {
    if (known !== name && known !== unknownName) continue;
    if (known === name) found.certain = true;
    else found.possible = true;
    const flow = output.flows[at];
    if (flow !== undefined) found.flows.push(flow);
  }
  if (output.complete) return;
  found.possible = true;
  found.flows.push(output.rest);
  for (const entry of output.stars) useOf(walk, entry, name, found);
}

function useOfBase(walk: Walk, entry: BaseEntry, name: string, found: Found): void {
  let everywhere = true;
  for (const candidate of entry.candidates) {
    if (!isKnown(candidate)) found.possible = true;
    const column = isKnown(candidate) ? realColumn(entry, candidate, name) : name;
    if (column === undefined || !isKnown(candidate)) everywhere = false;
    if (column === undefined) continue;
    found.flows.push(flowFrom(readColumn(walk, candidate, column), 'origin'));
  }
  if (everywhere) found.certain = true;
}

/** Whether an entry has, or may have, a column of that name. */
export function mayHaveColumn(entry: Entry, name: string): boolean {
  switch (entry.kind) {
    case 'base':
      return entry.candidates.some(
        (candidate) => !isKnown(candidate) || realColumn(entry, candidate, name) !== undefined,
      );
    case 'join':
      return (
        entry.renamed.includes(name) || entry.members.some((each) => mayHaveColumn(each, name))
      );
    case 'derived':
      return (
        !entry.output.complete ||
        entry.output.names.some((known) => known === name || known === unknownName)
      );
  }
}

/** A whole row of an entry. */
export function useRow(walk: Walk, entry: Entry): Flow {
  noteRow(walk, entry);
  if (entry.kind === 'derived') spendOn(walk, entry.output);
  const flow = rowFlow(entry);
  spend(walk, flow.size);
  return flow;
}

/** The facts of reading an entry's whole rows. */
export function noteRow(walk: Walk, entry: Entry): void {
  if (entry.kind === 'base') {
    for (const candidate of entry.candidates) readColumn(walk, candidate, '*');
    return;
  }
  for (const side of (entry.kind === 'join' ? entry.members : entry.sides) ?? []) {
    noteRow(walk, side);
  }
}

/** The facts of reading what a value is made of, where it was not read by its own name. */
export function noteFlow(walk: Walk, flow: Flow): void {
  for (const key of flow.keys()) noteColumn(walk, key);
}

// A name that nothing in scope is known to have: a mistake, or a column newer than the catalog.
function useUnresolved(walk: Walk, scope: Scope, name: string): void {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    // Dearer than a look-up: each leaves facts behind.
    spend(walk, 10 * level.entries.length);
    for (const entry of level.entries) {
      if (entry.kind !== 'base') continue;
      walk.unknownRelation = true;
      for (const candidate of entry.candidates) readColumn(walk, candidate, name);
      escape(walk, rowFlow(entry));
    }
  }
}

/** Columns that are only assigned: `INSERT INTO t (a)`, `SET a = …`. */
export function useWritten(walk: Walk, entry: BaseEntry, name: string): void {
  for (const candidate of entry.candidates) writeColumn(walk, candidate, name);
}

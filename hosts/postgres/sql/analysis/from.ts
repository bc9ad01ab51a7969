// FROM items: what they read, what they are called, which columns they show (parse_clause.c).

import type { JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar } from 'libpg-query';

import { only, stringsOf } from './ast.ts';
import type { Fields } from './ast.ts';
import { useReference, useRow } from './columns.ts';
import { flowOf, inferFrom, spendOn, valueOfChildren } from './values.ts';
import { deriveFrom, mergeFlows, noFlow } from './flow.ts';
import type { BaseEntry, Entry, Output, Scope } from './scope.ts';
import {
  candidatesOf,
  noOutput,
  rename,
  unknownName,
  unknownOutput,
  visibleColumns,
} from './scope.ts';
import { addRelation, cteOf, infer, noteUnknown, spend } from './walk.ts';
import type { Access, Walk } from './walk.ts';

/** Adds the items to the level one after another: a LATERAL item sees those before it. */
export function visitFrom(walk: Walk, level: Scope, items: readonly Node[] | undefined): void {
  for (const item of items ?? []) visitItem(walk, level, item);
}

function visitItem(walk: Walk, level: Scope, item: Node | undefined): void {
  const table = only(item, 'RangeVar');
  if (table !== undefined) {
    level.entries.push(tableEntry(walk, level, table));
    return;
  }
  const join = only(item, 'JoinExpr');
  if (join !== undefined) {
    visitJoin(walk, level, join);
    return;
  }
  const query = only(item, 'RangeSubselect');
  if (query !== undefined) {
    level.entries.push(queryEntry(walk, level, query));
    return;
  }
  const call = only(item, 'RangeFunction');
  if (call !== undefined) {
    level.entries.push(functionEntry(walk, level, call));
    return;
  }
  const sample = only(item, 'RangeTableSample');
  if (sample !== undefined) {
    visitItem(walk, level, sample.relation);
    inferFrom(walk, level, [...(sample.args ?? []), sample.repeatable]);
    return;
  }
  // XMLTABLE, JSON_TABLE and whatever comes: implicitly lateral, of unknown shape.
  const fields = Object.values(item ?? {})[0] as Fields | undefined;
  const flow = deriveFrom(valueOfChildren(walk, level, fields ?? {}).flow);
  infer(walk, flow);
  const alias = (fields?.['alias'] as RangeVar['alias'])?.aliasname;
  level.entries.push(derivedEntry(alias, unknownOutput(flow)));
}

const derivedEntry = (alias: string | undefined, output: Output): Entry => ({
  kind: 'derived',
  alias,
  output,
  qualifiedOnly: false,
});

function tableEntry(walk: Walk, level: Scope, table: RangeVar): Entry {
  const alias = table.alias?.aliasname;
  const name = table.relname ?? '';
  const renamed = stringsOf(table.alias?.colnames);
  const cte = table.schemaname === undefined ? cteOf(walk, level, name) : undefined;
  if (cte === undefined) return relationEntry(walk, table, 'read');
  if (renamed.length > 0) spendOn(walk, cte.output);
  return derivedEntry(alias ?? name, rename(cte.output, renamed));
}

/** A relation that is no CTE, also the target of a write. Unknown to the catalog: said so. */
export function relationEntry(walk: Walk, table: RangeVar, access: Access): BaseEntry {
  const candidates = candidatesOf(walk.catalog, table);
  for (const candidate of candidates) {
    if (candidate.oid === 0) noteUnknown(walk, candidate.qualified);
    addRelation(walk, candidate.qualified, access);
  }
  return {
    kind: 'base',
    alias: table.alias?.aliasname ?? table.relname,
    bare: table.alias === undefined,
    candidates,
    renamed: stringsOf(table.alias?.colnames),
    qualifiedOnly: false,
  };
}

function queryEntry(walk: Walk, level: Scope, query: RangeSubselect): Entry {
  // Without LATERAL the neighbours are invisible, and a name means the next level's column.
  const scope: Scope = query.lateral === true ? level : { ...level, entries: [] };
  const select = only(query.subquery, 'SelectStmt');
  const output = select === undefined ? noOutput : walk.visitors.select(walk, scope, select);
  return derivedEntry(query.alias?.aliasname, rename(output, stringsOf(query.alias?.colnames)));
}

// How many rows a function returns depends on its arguments, and its columns may be any part of them.
function functionEntry(walk: Walk, level: Scope, call: RangeFunction): Entry {
  const flow = deriveFrom(flowOf(walk, level, call.functions));
  infer(walk, flow);
  const defined = (call.coldeflist ?? []).map((node) => only(node, 'ColumnDef')?.colname ?? '');
  const names = defined.length > 0 ? defined : stringsOf(call.alias?.colnames);
  return derivedEntry(call.alias?.aliasname, {
    names,
    flows: names.map(() => flow),
    complete: defined.length > 0,
    stars: [],
    rest: flow,
  });
}

function visitJoin(walk: Walk, level: Scope, join: JoinExpr): void {
  const from = level.entries.length;
  visitItem(walk, level, join.larg);
  const middle = level.entries.length;
  visitItem(walk, level, join.rarg);
  const left = level.entries.slice(from, middle);
  const right = level.entries.slice(middle);
  // A join condition sees its own two sides only.
  const sides: Scope = { ...level, entries: [...left, ...right] };
  inferFrom(walk, sides, join.quals);
  const isMerging = join.usingClause !== undefined || join.isNatural === true;
  if (isMerging) merge(walk, level, { left, right, from, join });
  const alias = join.alias?.aliasname;
  if (alias !== undefined) {
    const renamed = stringsOf(join.alias?.colnames);
    const members = level.entries.splice(from);
    level.entries.push(joinEntry(alias, members, renamed));
  }
  const usingAlias = join.join_using_alias?.aliasname;
  if (usingAlias !== undefined) {
    const names = stringsOf(join.usingClause);
    const flows = names.map((name) => columnOf(walk, level, sides.entries, name));
    level.entries.push({
      ...derivedEntry(usingAlias, { ...noOutput, names, flows }),
      qualifiedOnly: true,
    });
  }
}

/** Under an alias only the columns of the join are left, if their order is known. */
function joinEntry(alias: string, members: readonly Entry[], renamed: readonly string[]): Entry {
  const shown = members.filter((entry) => !entry.qualifiedOnly);
  const output = joined(shown.map(visibleColumns));
  return output === undefined
    ? { kind: 'join', alias, members, renamed, qualifiedOnly: false }
    : {
        kind: 'derived',
        alias,
        output: rename(output, renamed),
        qualifiedOnly: false,
        sides: members,
      };
}

function joined(outputs: readonly Output[]): Output | undefined {
  if (!outputs.every(({ complete }) => complete)) return undefined;
  return {
    ...noOutput,
    names: outputs.flatMap(({ names }) => names),
    flows: outputs.flatMap(({ flows }) => flows),
  };
}

interface Sides {
  readonly left: readonly Entry[];
  readonly right: readonly Entry[];
  /** Index of the first entry of the join. */
  readonly from: number;
  readonly join: JoinExpr;
}

/** USING and NATURAL compare columns, and show one for both of each pair before all others. */
function merge(walk: Walk, level: Scope, { left, right, from, join }: Sides): void {
  const [ours, theirs] = [left, right].map((entries) =>
    joined(entries.filter((entry) => !entry.qualifiedOnly).map(visibleColumns)),
  );
  const isUnknown = [ours, theirs].some(
    (output) => output === undefined || output.names.includes(unknownName),
  );
  if (ours === undefined || theirs === undefined || isUnknown) {
    const names = stringsOf(join.usingClause);
    const flows = [left, right].flatMap((side) => [
      ...names.map((name) => columnOf(walk, level, side, name)),
      ...(join.isNatural === true ? side.map((entry) => useRow(walk, entry)) : []),
    ]);
    for (const flow of flows) infer(walk, flow);
    level.merged = mergeFlows([level.merged ?? noFlow, ...flows], 'plain');
    return;
  }
  spend(walk, ours.names.length + theirs.names.length);
  const named = new Set(theirs.names);
  const common =
    join.isNatural === true
      ? ours.names.filter((name) => named.has(name))
      : stringsOf(join.usingClause);
  const flows = common.map((name) => {
    const both = [left, right].map((side) => columnOf(walk, level, side, name));
    for (const flow of both) infer(walk, flow);
    return mergeFlows(both, 'plain');
  });
  const merged = new Set(common);
  const others = [ours, theirs].map((output) => without(output, merged));
  const output = joined([{ ...noOutput, names: common, flows }, ...others]) ?? noOutput;
  const sides = level.entries.splice(from).map((entry) => ({ ...entry, qualifiedOnly: true }));
  level.entries.push(...sides, {
    kind: 'derived',
    alias: undefined,
    output,
    qualifiedOnly: false,
    sides,
  });
}

function without(output: Output, names: ReadonlySet<string>): Output {
  const kept = output.names.map((name) => !names.has(name));
  return {
    ...noOutput,
    names: output.names.filter((_, at) => kept[at]),
    flows: output.flows.filter((_, at) => kept[at]),
  };
}

function columnOf(walk: Walk, level: Scope, entries: readonly Entry[], name: string) {
  const reference = { fields: [{ String: { sval: name } }] };
  return useReference(walk, { ...level, outer: undefined, entries: [...entries] }, reference);
}

// FROM items: what they read, what they are called, which columns they show (parse_clause.c).

import type {
  JoinExpr,
  Node,
  RangeFunction,
  RangeSubselect,
  RangeVar,
  WithClause,
} from 'libpg-query';

import { only, stringsOf } from './ast.ts';
import type { Fields } from './ast.ts';
import { useReference, useRow } from './columns.ts';
import { visitChildren, visitNode } from './expression.ts';
import type { BaseEntry, Cte, Entry, Output, Scope } from './scope.ts';
import { candidatesOf, rename, unknownOutput, visibleColumns } from './scope.ts';
import { addRelation, cteOf, noteUnknown, spend } from './walk.ts';
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
    visitChildren(walk, level, call as Fields);
    level.entries.push(functionEntry(call));
    return;
  }
  const sample = only(item, 'RangeTableSample');
  if (sample !== undefined) {
    visitItem(walk, level, sample.relation);
    visitNode(walk, level, sample.args);
    visitNode(walk, level, sample.repeatable);
    return;
  }
  // XMLTABLE, JSON_TABLE and whatever comes: implicitly lateral, of unknown shape.
  visitNode(walk, level, item);
  const fields = Object.values(item ?? {})[0] as Fields | undefined;
  const alias = (fields?.['alias'] as RangeVar['alias'])?.aliasname;
  level.entries.push({ kind: 'derived', alias, output: unknownOutput });
}

function tableEntry(walk: Walk, level: Scope, table: RangeVar): Entry {
  const alias = table.alias?.aliasname;
  const name = table.relname ?? '';
  const renamed = stringsOf(table.alias?.colnames);
  const cte = table.schemaname === undefined ? cteOf(walk, level, name) : undefined;
  if (cte !== undefined) {
    return { kind: 'derived', alias: alias ?? name, output: rename(cte.output, renamed) };
  }
  return relationEntry(walk, table, 'read');
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
  const output =
    select === undefined ? unknownOutput : walk.visitors.select(walk, scope, select, 'inner');
  return {
    kind: 'derived',
    alias: query.alias?.aliasname,
    output: rename(output, stringsOf(query.alias?.colnames)),
  };
}

function functionEntry(call: RangeFunction): Entry {
  const defined = (call.coldeflist ?? []).map((node) => only(node, 'ColumnDef')?.colname ?? '');
  const names = defined.length > 0 ? defined : stringsOf(call.alias?.colnames);
  return {
    kind: 'derived',
    alias: call.alias?.aliasname,
    output: { names, complete: defined.length > 0 },
  };
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
  visitNode(walk, sides, join.quals);
  for (const name of stringsOf(join.usingClause)) compare(walk, level, [left, right], name);
  if (join.isNatural === true) compareCommon(walk, level, left, right);
  if (join.usingClause !== undefined || join.isNatural === true) level.merged = true;
  const alias = join.alias?.aliasname;
  if (alias !== undefined) {
    const renamed = stringsOf(join.alias?.colnames);
    level.entries.splice(from);
    level.entries.push({ kind: 'join', alias, members: sides.entries, renamed });
  }
  const usingAlias = join.join_using_alias?.aliasname;
  if (usingAlias !== undefined) {
    const names = stringsOf(join.usingClause);
    level.entries.push({ kind: 'derived', alias: usingAlias, output: { names, complete: true } });
  }
}

function compare(walk: Walk, level: Scope, sides: readonly Entry[][], name: string): void {
  const reference = { fields: [{ String: { sval: name } }] };
  for (const entries of sides) {
    useReference(walk, { ...level, outer: undefined, entries }, reference, 'inner');
  }
}

function compareCommon(
  walk: Walk,
  level: Scope,
  left: readonly Entry[],
  right: readonly Entry[],
): void {
  const names = (entries: readonly Entry[]): readonly string[] | undefined => {
    const outputs = entries.map(visibleColumns);
    return outputs.every((output) => output.complete)
      ? outputs.flatMap((output) => output.names)
      : undefined;
  };
  const ours = names(left);
  const theirs = names(right);
  if (ours === undefined || theirs === undefined) {
    for (const entry of [...left, ...right]) useRow(walk, entry, 'inner');
    return;
  }
  spend(walk, ours.length);
  for (const name of ours) {
    if (theirs.includes(name)) compare(walk, level, [[...left], [...right]], name);
  }
}

/** WITH: each query sees those before it, or all of them if it is recursive. Returns the names in force after it. */
export function visitWith(walk: Walk, level: Scope, clause: WithClause): Cte | undefined {
  const queries = (clause.ctes ?? []).map((node) => only(node, 'CommonTableExpr'));
  let known = level.ctes;
  if (clause.recursive === true) {
    for (const query of queries) {
      const names = stringsOf(query?.aliascolnames);
      known = { name: query?.ctename ?? '', output: { names, complete: false }, next: known };
    }
  }
  for (const query of queries) {
    if (query?.ctequery === undefined) continue;
    const scope: Scope = { outer: level.outer, entries: [], ctes: known };
    const select = only(query.ctequery, 'SelectStmt');
    const output =
      select === undefined
        ? walk.visitors.nested(walk, scope, query.ctequery, 'inner')
        : walk.visitors.select(walk, scope, select, 'inner');
    visitNode(walk, scope, query.search_clause);
    const complete = query.search_clause === undefined && query.cycle_clause === undefined;
    known = {
      name: query.ctename ?? '',
      output: shown(output, stringsOf(query.aliascolnames), complete),
      next: known,
    };
  }
  return known;
}

function shown(output: Output, names: readonly string[], complete: boolean): Output {
  const renamed = rename(output, names);
  return complete ? renamed : { ...renamed, complete: false };
}

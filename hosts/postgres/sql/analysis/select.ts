// SELECT, VALUES and set operations: which columns leave the statement as they are, and which are only used.

import type { Node, ResTarget, SelectStmt } from 'libpg-query';

import { constantOf, only, stringOf } from './ast.ts';
import { useReference } from './columns.ts';
import { visitNode } from './expression.ts';
import { visitFrom, visitWith } from './from.ts';
import type { Output, Scope } from './scope.ts';
import { unknownOutput, visibleColumns } from './scope.ts';
import { spend } from './walk.ts';
import type { Position, Walk } from './walk.ts';

/** One item of a target list; a star over known relations becomes one item a column. */
interface Item {
  readonly name: string;
  /** Uses that leave through it; undefined where they cannot be told apart. */
  readonly keys: readonly string[];
}

interface Items {
  readonly items: readonly Item[];
  readonly complete: boolean;
}

/** Visits a query inside a scope. Only the outermost one's target list may have the position `output`. */
export function visitSelect(
  walk: Walk,
  scope: Scope,
  select: SelectStmt,
  position: Position,
): Output {
  const outer: Scope = { outer: scope, entries: [], ctes: scope.ctes };
  const level: Scope =
    select.withClause === undefined
      ? outer
      : { ...outer, ctes: visitWith(walk, outer, select.withClause) };
  if (select.larg !== undefined && select.rarg !== undefined) {
    const output = visitSelect(walk, level, select.larg, 'inner');
    visitSelect(walk, level, select.rarg, 'inner');
    // Sorting a set operation knows only output names and positions.
    for (const node of select.sortClause ?? []) {
      const by = only(node, 'SortBy')?.node;
      if (only(by, 'ColumnRef') === undefined) visitNode(walk, level, by);
    }
    visitNode(walk, level, select.limitCount);
    visitNode(walk, level, select.limitOffset);
    return output;
  }
  if (select.valuesLists !== undefined) return visitValues(walk, level, select);
  visitFrom(walk, level, select.fromClause);
  const targets = visitTargets(walk, level, select.targetList, position);
  visitNode(walk, level, select.whereClause);
  visitNode(walk, level, select.havingClause);
  visitNode(walk, level, select.windowClause);
  visitNode(walk, level, select.limitCount);
  visitNode(walk, level, select.limitOffset);
  visitKeys(walk, level, targets, select.groupClause);
  visitKeys(walk, level, targets, select.sortClause);
  visitDistinct(walk, level, targets, select.distinctClause);
  return { names: targets.items.map((item) => item.name), complete: targets.complete };
}

function visitValues(walk: Walk, level: Scope, select: SelectStmt): Output {
  visitNode(walk, level, select.valuesLists);
  visitNode(walk, level, select.sortClause);
  visitNode(walk, level, select.limitCount);
  visitNode(walk, level, select.limitOffset);
  const width = only(select.valuesLists?.[0], 'List')?.items?.length ?? 0;
  return { names: Array.from({ length: width }, (_, at) => `column${at + 1}`), complete: true };
}

/** A target list, also that of RETURNING. */
export function visitTargets(
  walk: Walk,
  level: Scope,
  targets: readonly Node[] | undefined,
  position: Position,
): Items {
  const items: Item[] = [];
  let complete = true;
  for (const node of targets ?? []) {
    const target = only(node, 'ResTarget');
    const reference = only(target?.val, 'ColumnRef');
    if (target === undefined || reference === undefined) {
      visitNode(walk, level, target?.val ?? node);
      const name = target === undefined ? undefined : itemName(target);
      if (name === undefined) complete = false;
      items.push({ name: name ?? '', keys: [] });
      continue;
    }
    const keys = useReference(walk, level, reference, position);
    if (only(reference.fields?.at(-1), 'A_Star') === undefined) {
      items.push({ name: target.name ?? stringOf(reference.fields?.at(-1)), keys });
      continue;
    }
    const columns = starItems(walk, level, stringOf(reference.fields?.at(-2)), keys);
    if (columns === undefined) {
      complete = false;
      items.push({ name: '', keys });
    } else {
      items.push(...columns);
    }
  }
  return { items, complete };
}

/** The columns of `*` or `t.*`; undefined unless each is known and in its place. */
function starItems(
  walk: Walk,
  level: Scope,
  relation: string,
  rows: readonly string[],
): readonly Item[] | undefined {
  // USING and NATURAL put their columns first.
  if (relation === '' && level.merged === true) return undefined;
  const entries =
    relation === '' ? level.entries : level.entries.filter((entry) => entry.alias === relation);
  if (entries.length === 0) return undefined;
  const items: Item[] = [];
  let row = 0;
  for (const entry of entries) {
    if (relation === '' && entry.kind === 'base' && entry.qualifiedOnly) continue;
    const output = visibleColumns(entry);
    if (!output.complete) return undefined;
    const key = entry.kind === 'base' ? rows[row] : undefined;
    if (entry.kind === 'base') row += 1;
    const own = entry.kind === 'base' ? entry.candidates[0] : undefined;
    spend(walk, output.names.length);
    for (const [at, name] of output.names.entries()) {
      const real = own !== undefined && 'columns' in own ? own.columns[at]?.name : undefined;
      const use = key !== undefined && real !== undefined ? [`${key.slice(0, -1)}${real}`] : [];
      items.push({ name, keys: use });
    }
  }
  return items;
}

// What the server names a column without an alias (FigureColname); undefined if it is not worked out here.
function itemName(target: ResTarget): string | undefined {
  if (target.name !== undefined) return target.name;
  let node = target.val;
  for (let cast = only(node, 'TypeCast'); cast !== undefined; cast = only(node, 'TypeCast')) {
    if (only(cast.arg, 'A_Const') !== undefined) return undefined;
    node = cast.arg;
  }
  const reference = only(node, 'ColumnRef');
  if (reference !== undefined) return stringOf(reference.fields?.at(-1));
  const call = only(node, 'FuncCall');
  if (call !== undefined) return stringOf(call.funcname?.at(-1));
  return only(node, 'A_Const') === undefined && only(node, 'A_Expr') === undefined
    ? undefined
    : '?column?';
}

/** ORDER BY and GROUP BY: expressions, but also positions and names of the target list. */
function visitKeys(
  walk: Walk,
  level: Scope,
  targets: Items,
  keys: readonly Node[] | undefined,
): void {
  for (const node of keys ?? []) {
    const group = groupOf(node);
    if (group !== undefined) {
      visitKeys(walk, level, targets, group);
      continue;
    }
    const key = only(node, 'SortBy')?.node ?? node;
    const position = only(key, 'A_Const') === undefined ? undefined : constantOf(key);
    if (position !== undefined) {
      demote(walk, targets, (_item, at) => at === Number(position) - 1);
      continue;
    }
    const fields = only(key, 'ColumnRef')?.fields;
    const name = fields?.length === 1 ? stringOf(fields[0]) : undefined;
    if (name === undefined || name === '') {
      visitNode(walk, level, node);
      continue;
    }
    const named = targets.items.some((item) => item.name === name);
    if (named || !targets.complete) demote(walk, targets, (item) => item.name === name);
    // An output name wins in ORDER BY, an input column in GROUP BY: both count unless only one can be.
    if (!named || hasColumn(level, name)) visitNode(walk, level, node);
  }
}

// `GROUP BY (1, e)`, ROLLUP, CUBE and GROUPING SETS hold positions and names like the list itself.
function groupOf(node: Node): readonly Node[] | undefined {
  const set = only(node, 'GroupingSet');
  if (set !== undefined) return set.content ?? [];
  const row = only(node, 'RowExpr');
  return row?.row_format === 'COERCE_IMPLICIT_CAST' ? (row.args ?? []) : undefined;
}

const hasColumn = (level: Scope, name: string): boolean =>
  level.entries.some((entry) => {
    const output = visibleColumns(entry);
    return !output.complete || output.names.includes(name);
  });

/** Items by whose value rows are sorted, grouped or told apart are more than output. */
function demote(walk: Walk, targets: Items, matches: (item: Item, at: number) => boolean): void {
  spend(walk, targets.items.length);
  for (const [at, item] of targets.items.entries()) {
    // With a star of unknown width before it, no position and no name is certain.
    if (targets.complete && !matches(item, at)) continue;
    for (const key of item.keys) walk.uses.inner.add(key);
  }
}

function visitDistinct(
  walk: Walk,
  level: Scope,
  targets: Items,
  distinct: readonly Node[] | undefined,
): void {
  if (distinct === undefined) return;
  const keys = distinct.filter((node) => Object.keys(node).length > 0);
  if (keys.length === 0) demote(walk, targets, () => true);
  else visitKeys(walk, level, targets, keys);
}

/** True if every part of the query that reads rows has a WHERE. */
export function hasWhere(select: SelectStmt): boolean {
  return select.larg !== undefined && select.rarg !== undefined
    ? hasWhere(select.larg) && hasWhere(select.rarg)
    : select.whereClause !== undefined;
}

/** The LIMIT if it is a constant number. */
export function limitOf(select: SelectStmt): number | null {
  const limit = Number(constantOf(select.limitCount));
  return select.limitCount !== undefined && Number.isSafeInteger(limit) ? limit : null;
}

/** SELECT … INTO keeps the new table's name in the leftmost part. */
export function intoOf(select: SelectStmt): SelectStmt['intoClause'] {
  return select.larg === undefined ? select.intoClause : intoOf(select.larg);
}

export const outputOf = (targets: Items): Output =>
  targets.items.length === 0
    ? unknownOutput
    : { names: targets.items.map((item) => item.name), complete: targets.complete };

// SELECT, VALUES and set operations: what each column of the result is made of, and what decides about its rows.

import type { Node, ResTarget, SelectStmt } from 'libpg-query';

import { only, stringOf } from './ast.ts';
import { constantOf } from './constants.ts';
import { mayHaveColumn, noteRow, starEntries } from './columns.ts';
import { flowOf, inferFrom, spendOn } from './values.ts';
import type { Flow } from './flow.ts';
import { deriveFrom, mergeFlows, noFlow } from './flow.ts';
import { visitFrom } from './from.ts';
import type { Entry, Output, Scope } from './scope.ts';
import { noOutput, totalFlow, unknownName, unknownOutput, visibleColumns } from './scope.ts';
import { infer, spend } from './walk.ts';
import type { Walk } from './walk.ts';
import { visitWith } from './with.ts';

/** Visits a query inside a scope. */
export function visitSelect(walk: Walk, scope: Scope, select: SelectStmt): Output {
  const outer: Scope = { outer: scope, entries: [], ctes: scope.ctes };
  const level: Scope =
    select.withClause === undefined
      ? outer
      : { ...outer, ctes: visitWith(walk, outer, select.withClause) };
  inferFrom(walk, level, [select.limitCount, select.limitOffset]);
  if (select.larg !== undefined && select.rarg !== undefined) {
    return visitSetOperation(walk, level, select, [select.larg, select.rarg]);
  }
  if (select.valuesLists !== undefined) return visitValues(walk, level, select);
  visitFrom(walk, level, select.fromClause);
  const targets = visitTargets(walk, level, select.targetList);
  spendOn(walk, targets);
  inferFrom(walk, level, [select.whereClause, select.havingClause]);
  inferFrom(walk, level, select.windowClause);
  visitKeys(walk, level, targets, select.groupClause);
  visitKeys(walk, level, targets, select.sortClause);
  visitDistinct(walk, level, targets, select.distinctClause);
  return targets;
}

function visitSetOperation(
  walk: Walk,
  level: Scope,
  select: SelectStmt,
  sides: readonly [SelectStmt, SelectStmt],
): Output {
  const [left, right] = sides.map((side) => visitSelect(walk, level, side)) as [Output, Output];
  spendOn(walk, left);
  spendOn(walk, right);
  const all = mergeFlows([totalFlow(left), totalFlow(right)], 'plain');
  const isConcatenation = select.op === 'SETOP_UNION' && select.all === true;
  if (!isConcatenation) infer(walk, all);
  spend(walk, left.names.length + all.size);
  const isKnown = left.complete && right.complete && left.names.length === right.names.length;
  const output: Output = isKnown
    ? {
        ...noOutput,
        names: left.names,
        flows: left.flows.map((flow, at) => mergeFlows([flow, right.flows[at] ?? noFlow], 'plain')),
      }
    : unknownOutput(all);
  // Sorting knows only output names and positions.
  for (const node of select.sortClause ?? []) {
    const by = only(node, 'SortBy')?.node;
    if (!inferKey(walk, output, by)) inferFrom(walk, level, by);
  }
  return output;
}

function visitValues(walk: Walk, level: Scope, select: SelectStmt): Output {
  const flows: Flow[] = [];
  for (const row of select.valuesLists ?? []) {
    for (const [at, value] of (only(row, 'List')?.items ?? []).entries()) {
      flows[at] = mergeFlows([flows[at] ?? noFlow, flowOf(walk, level, value)], 'plain');
    }
  }
  const names = flows.map((_, at) => `column${at + 1}`);
  const output: Output = { ...noOutput, names, flows };
  visitKeys(walk, level, output, select.sortClause);
  return output;
}

/** A target list, also that of RETURNING. */
export function visitTargets(
  walk: Walk,
  level: Scope,
  targets: readonly Node[] | undefined,
): Output {
  const parts = (targets ?? []).map((node) => {
    const target = only(node, 'ResTarget');
    return target === undefined
      ? unknownOutput(deriveFrom(flowOf(walk, level, node)))
      : visitTarget(walk, level, target);
  });
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  return {
    names: parts.flatMap(({ names }) => names),
    flows: parts.flatMap(({ flows }) => flows),
    complete: parts.every(({ complete }) => complete),
    stars: parts.flatMap(({ stars }) => stars),
    rest: mergeFlows(parts.map(({ rest }) => rest)),
  };
}

function visitTarget(walk: Walk, level: Scope, target: ResTarget): Output {
  const reference = only(target.val, 'ColumnRef');
  const fields = reference?.fields ?? [];
  if (only(fields.at(-1), 'A_Star') !== undefined) {
    const relation = fields.length > 1 ? stringOf(fields.at(-2)) : undefined;
    const schema = fields.length > 2 ? stringOf(fields.at(-3)) : undefined;
    return starOutput(walk, level, starEntries(walk, level, { relation, schema }), relation);
  }
  const flow = flowOf(walk, level, target.val);
  const steps = only(target.val, 'A_Indirection')?.indirection;
  // `(x).*` is as many columns as the type of x has.
  if (only(steps?.at(-1), 'A_Star') !== undefined) return unknownOutput(deriveFrom(flow));
  return { ...noOutput, names: [itemName(target)], flows: [flow] };
}

/** The columns of `*` or `t.*`. */
function starOutput(
  walk: Walk,
  level: Scope,
  entries: readonly Entry[],
  relation: string | undefined,
): Output {
  for (const entry of entries) noteRow(walk, entry);
  const outputs = entries.map((entry) => visibleColumns(entry));
  spend(
    walk,
    outputs.reduce((sum, { names }) => sum + names.length, 0),
  );
  // USING and NATURAL put their columns first.
  const isOrdered = relation !== undefined || level.merged === undefined;
  const merged = isOrdered ? noFlow : (level.merged ?? noFlow);
  const names = outputs.flatMap((output) => output.names);
  return {
    names,
    flows: outputs.flatMap(({ flows }) => flows),
    complete: entries.length > 0 && isOrdered && outputs.every(({ complete }) => complete),
    stars: outputs.flatMap(({ stars }) => stars),
    rest: mergeFlows([...outputs.map(({ rest }) => rest), merged]),
  };
}

// What the server names a column without an alias (FigureColname).
function itemName(target: ResTarget): string {
  if (target.name !== undefined) return target.name;
  let node = target.val;
  for (let cast = only(node, 'TypeCast'); cast !== undefined; cast = only(node, 'TypeCast')) {
    if (only(cast.arg, 'A_Const') !== undefined) return unknownName;
    node = cast.arg;
  }
  const reference = only(node, 'ColumnRef');
  if (reference !== undefined) return stringOf(reference.fields?.at(-1));
  const call = only(node, 'FuncCall');
  if (call !== undefined) return stringOf(call.funcname?.at(-1));
  return unknownName;
}

/** ORDER BY and GROUP BY: expressions, but also positions and names of the target list. */
function visitKeys(
  walk: Walk,
  level: Scope,
  targets: Output,
  keys: readonly Node[] | undefined,
): void {
  for (const node of keys ?? []) {
    const group = groupOf(node);
    if (group !== undefined) {
      visitKeys(walk, level, targets, group);
      continue;
    }
    const key = only(node, 'SortBy')?.node ?? node;
    const isTarget = inferKey(walk, targets, key);
    // An output name wins in ORDER BY, an input column in GROUP BY: both count unless only one can be.
    if (!isTarget || isName(level, key)) inferFrom(walk, level, node);
  }
}

/** Marks the columns of the target list that a key means; false if it may mean something else only. */
function inferKey(walk: Walk, targets: Output, key: Node | undefined): boolean {
  spend(walk, targets.names.length);
  const position = only(key, 'A_Const') === undefined ? undefined : constantOf(key, walk);
  if (position !== undefined) {
    const flow = targets.complete ? targets.flows[Number(position) - 1] : totalFlow(targets);
    infer(walk, flow ?? noFlow);
    return true;
  }
  const fields = only(key, 'ColumnRef')?.fields;
  const name = fields?.length === 1 ? stringOf(fields[0]) : '';
  if (name === '') return false;
  let found = false;
  for (const [at, known] of targets.names.entries()) {
    if (known !== name && known !== unknownName) continue;
    infer(walk, targets.flows[at] ?? noFlow);
    if (known === name) found = true;
  }
  if (!targets.complete) infer(walk, targets.rest);
  return found;
}

const isName = (level: Scope, key: Node): boolean => {
  const name = stringOf(only(key, 'ColumnRef')?.fields?.[0]);
  return level.entries.some((entry) => !entry.qualifiedOnly && mayHaveColumn(entry, name));
};

// `GROUP BY (1, e)`, ROLLUP, CUBE and GROUPING SETS hold positions and names like the list itself.
function groupOf(node: Node): readonly Node[] | undefined {
  const set = only(node, 'GroupingSet');
  if (set !== undefined) return set.content ?? [];
  const row = only(node, 'RowExpr');
  return row?.row_format === 'COERCE_IMPLICIT_CAST' ? (row.args ?? []) : undefined;
}

function visitDistinct(
  walk: Walk,
  level: Scope,
  targets: Output,
  distinct: readonly Node[] | undefined,
): void {
  if (distinct === undefined) return;
  const keys = distinct.filter((node) => Object.keys(node).length > 0);
  if (keys.length === 0) infer(walk, totalFlow(targets));
  else visitKeys(walk, level, targets, keys);
}

/** True if every part of the query that reads rows has a WHERE. */
export function hasWhere(select: SelectStmt): boolean {
  return select.larg !== undefined && select.rarg !== undefined
    ? hasWhere(select.larg) && hasWhere(select.rarg)
    : select.whereClause !== undefined;
}

/** The LIMIT if it is a constant number. */
export function limitOf(walk: Walk, select: SelectStmt): number | null {
  const limit = Number(constantOf(select.limitCount, walk));
  return select.limitCount !== undefined && Number.isSafeInteger(limit) ? limit : null;
}

/** SELECT … INTO keeps the new table's name in the leftmost part. */
export function intoOf(select: SelectStmt): SelectStmt['intoClause'] {
  return select.larg === undefined ? select.intoClause : intoOf(select.larg);
}

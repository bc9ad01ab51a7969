// INSERT, UPDATE, DELETE, MERGE: what is written, what is read to do so, what RETURNING gives back.

import type {
  DeleteStmt,
  InsertStmt,
  MergeStmt,
  Node,
  OnConflictClause,
  RangeVar,
  ReturningClause,
  UpdateStmt,
  WithClause,
} from 'libpg-query';

import { only, stringOf } from './ast.ts';
import { useReference, useWritten } from './columns.ts';
import { visitNode } from './expression.ts';
import { relationEntry, visitFrom, visitWith } from './from.ts';
import type { BaseEntry, Output, Scope } from './scope.ts';
import { unknownOutput, visibleColumns } from './scope.ts';
import { outputOf, visitTargets } from './select.ts';
import type { Position, Walk } from './walk.ts';

function open(walk: Walk, scope: Scope, clause: WithClause | undefined): Scope {
  const level: Scope = { outer: scope, entries: [], ctes: scope.ctes };
  return clause === undefined ? level : { ...level, ctes: visitWith(walk, level, clause) };
}

// The target of a write is never a CTE, whatever its name.
const targetOf = (walk: Walk, relation: RangeVar | undefined): BaseEntry =>
  relationEntry(walk, relation ?? {}, 'write');

export function visitInsert(
  walk: Walk,
  scope: Scope,
  insert: InsertStmt,
  position: Position,
): Output {
  const level = open(walk, scope, insert.withClause);
  const target = targetOf(walk, insert.relation);
  if (insert.cols === undefined) useWritten(walk, target, '*');
  visitAssignments(walk, level, target, insert.cols);
  const select = only(insert.selectStmt, 'SelectStmt');
  if (select !== undefined) walk.visitors.select(walk, level, select, 'inner');
  level.entries.push(target);
  if (insert.onConflictClause !== undefined) {
    visitConflict(walk, level, target, insert.onConflictClause);
  }
  return visitReturning(walk, level, insert.returningClause, { target, position });
}

function visitConflict(
  walk: Walk,
  level: Scope,
  target: BaseEntry,
  clause: OnConflictClause,
): void {
  for (const node of clause.infer?.indexElems ?? []) {
    const element = only(node, 'IndexElem');
    // Whether a value exists is an answer about the column.
    if (element?.name !== undefined) useBare(walk, level, element.name);
    visitNode(walk, level, element?.expr);
  }
  visitNode(walk, level, clause.infer?.whereClause);
  // `excluded` is the row that the client sent, not one that is stored.
  const sent: Scope = {
    ...level,
    entries: [
      ...level.entries,
      { kind: 'derived', alias: 'excluded', output: visibleColumns(target) },
    ],
  };
  // Unqualified names mean the target's columns even though `excluded` has the same.
  visitAssignments(walk, sent, target, clause.targetList);
  visitNode(walk, sent, clause.whereClause);
}

const useBare = (walk: Walk, level: Scope, name: string): void => {
  useReference(walk, level, { fields: [{ String: { sval: name } }] }, 'inner');
};

/** `SET a = …` and the column list of INSERT: names are written, everything else is read. */
function visitAssignments(
  walk: Walk,
  level: Scope,
  target: BaseEntry,
  items: readonly Node[] | undefined,
): void {
  for (const node of items ?? []) {
    const item = only(node, 'ResTarget');
    if (item === undefined) {
      visitNode(walk, level, node);
      continue;
    }
    useWritten(walk, target, item.name ?? '*');
    visitNode(walk, level, item.indirection);
    visitNode(walk, level, item.val);
  }
}

export function visitUpdate(
  walk: Walk,
  scope: Scope,
  update: UpdateStmt,
  position: Position,
): Output {
  const level = open(walk, scope, update.withClause);
  const target = targetOf(walk, update.relation);
  level.entries.push(target);
  visitFrom(walk, level, update.fromClause);
  visitAssignments(walk, level, target, update.targetList);
  visitNode(walk, level, update.whereClause);
  guard(walk, update.whereClause);
  return visitReturning(walk, level, update.returningClause, { target, position });
}

export function visitDelete(
  walk: Walk,
  scope: Scope,
  deletion: DeleteStmt,
  position: Position,
): Output {
  const level = open(walk, scope, deletion.withClause);
  const target = targetOf(walk, deletion.relation);
  level.entries.push(target);
  visitFrom(walk, level, deletion.usingClause);
  visitNode(walk, level, deletion.whereClause);
  guard(walk, deletion.whereClause);
  return visitReturning(walk, level, deletion.returningClause, { target, position });
}

export function visitMerge(walk: Walk, scope: Scope, merge: MergeStmt): Output {
  const level = open(walk, scope, merge.withClause);
  const target = targetOf(walk, merge.relation);
  level.entries.push(target);
  visitFrom(walk, level, merge.sourceRelation === undefined ? [] : [merge.sourceRelation]);
  visitNode(walk, level, merge.joinCondition);
  for (const node of merge.mergeWhenClauses ?? []) {
    const clause = only(node, 'MergeWhenClause');
    visitNode(walk, level, clause?.condition);
    const written = clause?.targetList === undefined && clause?.values !== undefined;
    if (written) useWritten(walk, target, '*');
    visitAssignments(walk, level, target, clause?.targetList);
    visitNode(walk, level, clause?.values);
  }
  return visitReturning(walk, level, merge.returningClause, { target, position: 'inner' });
}

// A write without WHERE is one wherever it is nested.
function guard(walk: Walk, where: Node | undefined): void {
  walk.draft.where = where !== undefined;
  if (where !== undefined) return;
  for (let draft = walk.draft.parent; draft !== undefined; draft = draft.parent) {
    draft.unguarded = true;
  }
}

function visitReturning(
  walk: Walk,
  level: Scope,
  clause: ReturningClause | undefined,
  of: { readonly target: BaseEntry; readonly position: Position },
): Output {
  if (clause === undefined) return unknownOutput;
  const names = { RETURNING_OPTION_OLD: 'old', RETURNING_OPTION_NEW: 'new' };
  for (const node of clause.options ?? []) {
    const option = only(node, 'ReturningOption');
    const renamed = option?.option;
    if (renamed !== undefined) names[renamed] = option?.value ?? names[renamed];
  }
  for (const alias of Object.values(names)) {
    level.entries.push({ ...of.target, alias, bare: false, qualifiedOnly: true });
  }
  return outputOf(visitTargets(walk, level, clause.exprs, of.position));
}

/** The columns of `COPY t (a, b)`; without a list, all of them. */
export function useCopied(
  walk: Walk,
  relation: RangeVar,
  list: readonly Node[] | undefined,
  reads: boolean,
): BaseEntry {
  const entry = relationEntry(walk, relation, reads ? 'read' : 'write');
  const level: Scope = { outer: undefined, entries: [entry], ctes: undefined };
  const star: Node = { A_Star: {} };
  for (const field of list ?? [star]) {
    const name = only(field, 'A_Star') === undefined ? stringOf(field) : '*';
    if (reads) useReference(walk, level, { fields: [field] }, 'inner');
    else useWritten(walk, entry, name);
  }
  return entry;
}

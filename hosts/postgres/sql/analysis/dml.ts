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

import { only } from './ast.ts';
import { useReference, useWritten } from './columns.ts';
import { escapeFrom, inferFrom } from './values.ts';
import { noFlow } from './flow.ts';
import { relationEntry, visitFrom } from './from.ts';
import type { BaseEntry, Output, Scope } from './scope.ts';
import { noOutput, totalFlow, visibleColumns } from './scope.ts';
import { visitTargets } from './select.ts';
import type { Walk } from './walk.ts';
import { escape, infer } from './walk.ts';
import { visitWith } from './with.ts';

function open(walk: Walk, scope: Scope, clause: WithClause | undefined): Scope {
  const level: Scope = { outer: scope, entries: [], ctes: scope.ctes };
  return clause === undefined ? level : { ...level, ctes: visitWith(walk, level, clause) };
}

// The target of a write is never a CTE, whatever its name.
const targetOf = (walk: Walk, relation: RangeVar | undefined): BaseEntry =>
  relationEntry(walk, relation ?? {}, 'write');

export function visitInsert(walk: Walk, scope: Scope, insert: InsertStmt): Output {
  const level = open(walk, scope, insert.withClause);
  const target = targetOf(walk, insert.relation);
  if (insert.cols === undefined) useWritten(walk, target, '*');
  visitAssignments(walk, level, target, insert.cols);
  const select = only(insert.selectStmt, 'SelectStmt');
  if (select !== undefined) escape(walk, totalFlow(walk.visitors.select(walk, level, select)));
  level.entries.push(target);
  if (insert.onConflictClause !== undefined) {
    visitConflict(walk, level, target, insert.onConflictClause);
  }
  return visitReturning(walk, level, insert.returningClause, target);
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
    inferFrom(walk, level, element?.expr);
  }
  inferFrom(walk, level, clause.infer?.whereClause);
  // `excluded` is the row that the client sent, not one that is stored. Unqualified names mean the target's columns.
  const { names, complete } = visibleColumns(target);
  const sent: Scope = {
    ...level,
    entries: [
      ...level.entries,
      {
        kind: 'derived',
        alias: 'excluded',
        qualifiedOnly: true,
        output: { ...noOutput, names, flows: names.map(() => noFlow), complete },
      },
    ],
  };
  visitAssignments(walk, sent, target, clause.targetList);
  inferFrom(walk, sent, clause.whereClause);
}

const useBare = (walk: Walk, level: Scope, name: string): void => {
  infer(walk, useReference(walk, level, { fields: [{ String: { sval: name } }] }));
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
      escapeFrom(walk, level, node);
      continue;
    }
    useWritten(walk, target, item.name ?? '*');
    escapeFrom(walk, level, [...(item.indirection ?? []), item.val]);
  }
}

export function visitUpdate(walk: Walk, scope: Scope, update: UpdateStmt): Output {
  const level = open(walk, scope, update.withClause);
  const target = targetOf(walk, update.relation);
  level.entries.push(target);
  visitFrom(walk, level, update.fromClause);
  visitAssignments(walk, level, target, update.targetList);
  inferFrom(walk, level, update.whereClause);
  guard(walk, update.whereClause);
  return visitReturning(walk, level, update.returningClause, target);
}

export function visitDelete(walk: Walk, scope: Scope, deletion: DeleteStmt): Output {
  const level = open(walk, scope, deletion.withClause);
  const target = targetOf(walk, deletion.relation);
  level.entries.push(target);
  visitFrom(walk, level, deletion.usingClause);
  inferFrom(walk, level, deletion.whereClause);
  guard(walk, deletion.whereClause);
  return visitReturning(walk, level, deletion.returningClause, target);
}

export function visitMerge(walk: Walk, scope: Scope, merge: MergeStmt): Output {
  const level = open(walk, scope, merge.withClause);
  const target = targetOf(walk, merge.relation);
  level.entries.push(target);
  visitFrom(walk, level, merge.sourceRelation === undefined ? [] : [merge.sourceRelation]);
  inferFrom(walk, level, merge.joinCondition);
  for (const node of merge.mergeWhenClauses ?? []) {
    const clause = only(node, 'MergeWhenClause');
    inferFrom(walk, level, clause?.condition);
    const written = clause?.targetList === undefined && clause?.values !== undefined;
    if (written) useWritten(walk, target, '*');
    visitAssignments(walk, level, target, clause?.targetList);
    escapeFrom(walk, level, clause?.values);
  }
  return visitReturning(walk, level, merge.returningClause, target);
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
  target: BaseEntry,
): Output {
  if (clause === undefined) return noOutput;
  const names = { RETURNING_OPTION_OLD: 'old', RETURNING_OPTION_NEW: 'new' };
  for (const node of clause.options ?? []) {
    const option = only(node, 'ReturningOption');
    const renamed = option?.option;
    if (renamed !== undefined) names[renamed] = option?.value ?? names[renamed];
  }
  for (const alias of Object.values(names)) {
    level.entries.push({ ...target, alias, bare: false, qualifiedOnly: true });
  }
  return visitTargets(walk, level, clause.exprs);
}

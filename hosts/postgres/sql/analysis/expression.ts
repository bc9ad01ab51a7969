// Every node that is no statement, query or FROM item. What is not known here is walked child by child, so a
// node of a newer grammar still gives up its columns, relations and functions.

import type { A_Expr, FuncCall, Node, SubLink, TypeCast } from 'libpg-query';

import { isFields, isRangeVar, only, stringOf, stringsOf, tagOf } from './ast.ts';
import type { Fields } from './ast.ts';
import { useReference } from './columns.ts';
import { noteSetConfig } from './settings.ts';
import type { Scope } from './scope.ts';
import { candidatesOf } from './scope.ts';
import { addFunction, addRelation, cteOf, noteUnknown } from './walk.ts';
import type { Walk } from './walk.ts';

/** Visits any node; columns found are inner uses. */
export function visitNode(walk: Walk, scope: Scope, node: unknown): void {
  if (Array.isArray(node)) {
    for (const item of node) visitNode(walk, scope, item);
    return;
  }
  if (!isFields(node)) return;
  const tag = tagOf(node);
  if (tag === undefined) {
    if (isRangeVar(node)) readRelation(walk, scope, node);
    else visitChildren(walk, scope, node);
    return;
  }
  const fields = node[tag];
  if (isFields(fields)) visitTagged(walk, scope, tag, fields);
}

function visitTagged(walk: Walk, scope: Scope, tag: string, fields: Fields): void {
  switch (tag) {
    case 'ColumnRef':
      useReference(walk, scope, fields, 'inner');
      return;
    case 'A_Const':
    case 'ParamRef':
    case 'String':
      return;
    case 'A_Expr':
      useOperator(walk, (fields as A_Expr).name);
      break;
    case 'SubLink':
      useOperator(walk, (fields as SubLink).operName);
      break;
    case 'SortBy':
      useOperator(walk, fields['useOp'] as Node[] | undefined);
      break;
    case 'FuncCall':
      useFunction(walk, fields);
      break;
    case 'TypeCast':
      useCast(walk, fields);
      break;
    case 'A_Indirection':
      useFields(walk, fields['indirection'] as Node[] | undefined);
      break;
    case 'SQLValueFunction':
      addFunction(walk, String(fields['op']).replace('SVFOP_', '').toLowerCase());
      return;
    case 'MergeSupportFunc':
      addFunction(walk, 'merge_action');
      return;
    case 'LockingClause':
      // Its names are aliases of this query, not relations.
      return;
    case 'SelectStmt':
      walk.visitors.select(walk, scope, fields, 'inner');
      return;
    case 'RangeVar':
      readRelation(walk, scope, fields);
      return;
    default:
      if (tag.endsWith('Stmt')) {
        walk.visitors.nested(walk, scope, { [tag]: fields } as unknown as Node, 'inner');
        return;
      }
  }
  visitChildren(walk, scope, fields);
}

/** Visits what a node holds, whatever it is. */
export function visitChildren(walk: Walk, scope: Scope, fields: Fields): void {
  for (const key in fields) {
    const child = fields[key];
    if (typeof child === 'object' && child !== null) visitNode(walk, scope, child);
  }
}

// A relation in a place that no visitor knows: its rows count as read whole.
function readRelation(walk: Walk, scope: Scope, name: Fields): void {
  if (!isRangeVar(name)) return;
  if (name.schemaname === undefined && cteOf(walk, scope, name.relname ?? '') !== undefined) return;
  for (const candidate of candidatesOf(walk.catalog, name)) {
    addRelation(walk, candidate.qualified, 'read');
    if (candidate.oid === 0) noteUnknown(walk, candidate.qualified);
    walk.uses.inner.add(`${candidate.qualified}.*`);
  }
}

function useOperator(walk: Walk, name: readonly Node[] | undefined): void {
  if (name !== undefined) walk.operators.add(stringOf(name.at(-1)));
}

function useFunction(walk: Walk, call: FuncCall): void {
  const words = stringsOf(call.funcname);
  // Quoted, `"pg_catalog.now"` is one name and not the built-in.
  addFunction(walk, words.map((word) => (word.includes('.') ? `"${word}"` : word)).join('.'));
  if (words.at(-1) === 'set_config') noteSetConfig(walk, call);
}

function useCast(walk: Walk, cast: TypeCast): void {
  walk.casts.add(stringOf(cast.typeName?.names?.at(-1)));
}

// `(x).f` reads a field of a composite value or calls the function f with it.
function useFields(walk: Walk, indirection: readonly Node[] | undefined): void {
  for (const step of indirection ?? []) {
    if (only(step, 'String') === undefined) continue;
    const name = stringOf(step);
    if (walk.catalog.userFunctions.has(name)) addFunction(walk, name);
  }
}

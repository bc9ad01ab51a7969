// Every node that is no statement, query or FROM item: what its value is made of, and what computing it may tell. A
// node that is not known here is walked child by child, and what it uses counts as let out.

import type { ColumnRef, FuncCall, Node, SubLink } from 'libpg-query';

import { isFields, isRangeVar, only, stringOf, stringsOf, tagOf } from './ast.ts';
import type { Fields } from './ast.ts';
import { applyFunction } from './calls.ts';
import { mayHaveColumn, useReference } from './columns.ts';
import type { Flow } from './flow.ts';
import { deriveFrom, mergeFlows, noFlow } from './flow.ts';
import { valueOfCast, valueOfOperator } from './operators.ts';
import { quietAlone } from '../quiet-functions.ts';
import { noteSetConfig } from './settings.ts';
import type { Scope } from './scope.ts';
import { candidatesOf, totalFlow } from './scope.ts';
import { valueOfBare, valueOfSpecial } from './special.ts';
import { combine, flowOf, inferFrom, together, valueOf, valueOfChildren } from './values.ts';
import type { Value, Walk } from './walk.ts';
import { addFunction, addRelation, cteOf, escape, infer, noteUnknown, spend } from './walk.ts';

const calm = (flow: Flow): Value => ({ flow, isCalm: true });
const constant = calm(noFlow);

/** What any node, or a list of them, comes to. */
export function visitValue(walk: Walk, scope: Scope, node: unknown): Value {
  if (Array.isArray(node)) return together(walk, scope, node);
  if (!isFields(node)) return constant;
  const tag = tagOf(node);
  if (tag === undefined) {
    return isRangeVar(node) ? readRelation(walk, scope, node) : valueOfBare(walk, scope, node);
  }
  const fields = node[tag];
  return isFields(fields) ? valueOfTagged(walk, scope, tag, fields) : constant;
}

function valueOfTagged(walk: Walk, scope: Scope, tag: string, fields: Fields): Value {
  switch (tag) {
    case 'ColumnRef':
      return calm(useReference(walk, scope, fields));
    case 'A_Const':
    case 'ParamRef':
    case 'String':
    case 'SetToDefault':
    case 'LockingClause':
      // The names of a locking clause are aliases of this query, not relations.
      return constant;
    case 'A_Expr':
      return valueOfOperator(walk, scope, fields);
    case 'TypeCast':
      return valueOfCast(walk, scope, fields);
    case 'SubLink':
      return valueOfSubLink(walk, scope, fields);
    case 'FuncCall':
      return valueOfCall(walk, scope, fields);
    case 'A_Indirection':
      return valueOfIndirection(walk, scope, fields);
    case 'List':
      return valueOf(walk, scope, fields['items']);
    case 'SQLValueFunction':
      addFunction(walk, String(fields['op']).replace('SVFOP_', '').toLowerCase());
      return constant;
    case 'MergeSupportFunc':
      addFunction(walk, 'merge_action');
      return constant;
    case 'SelectStmt': {
      const output = walk.visitors.select(walk, scope, fields);
      return { flow: totalFlow(output), isCalm: false };
    }
    case 'RangeVar':
      return readRelation(walk, scope, fields);
    default:
      return valueOfSpecial(walk, scope, tag, fields) ?? valueOfUnknown(walk, scope, tag, fields);
  }
}

function valueOfUnknown(walk: Walk, scope: Scope, tag: string, fields: Fields): Value {
  if (!tag.endsWith('Stmt')) return loose(walk, scope, fields);
  const output = walk.visitors.nested(walk, scope, { [tag]: fields } as unknown as Node);
  const flow = totalFlow(output);
  escape(walk, flow);
  return { flow: deriveFrom(flow), isCalm: false };
}

// What a node of a newer grammar does with its children is not known.
function loose(walk: Walk, scope: Scope, fields: Fields): Value {
  const flow = deriveFrom(valueOfChildren(walk, scope, fields).flow);
  escape(walk, flow);
  return { flow, isCalm: false };
}

// A relation in a place that no visitor knows: its rows count as read whole.
function readRelation(walk: Walk, scope: Scope, name: Fields): Value {
  if (!isRangeVar(name)) return constant;
  if (name.schemaname === undefined && cteOf(walk, scope, name.relname ?? '') !== undefined) {
    return constant;
  }
  for (const candidate of candidatesOf(walk.catalog, name)) {
    addRelation(walk, candidate.qualified, 'read');
    if (candidate.oid === 0) noteUnknown(walk, candidate.qualified);
    walk.uses.escaped.add(`${candidate.qualified}.*`);
  }
  return constant;
}

function valueOfSubLink(walk: Walk, scope: Scope, link: SubLink): Value {
  if (link.operName !== undefined) walk.operators.add(stringOf(link.operName.at(-1)));
  const test = flowOf(walk, scope, link.testexpr);
  const select = only(link.subselect, 'SelectStmt');
  const output = select === undefined ? undefined : walk.visitors.select(walk, scope, select);
  const flow = output === undefined ? noFlow : totalFlow(output);
  switch (link.subLinkType) {
    case 'EXISTS_SUBLINK':
      // Which columns a query that is only counted has does not matter.
      return { flow: noFlow, isCalm: false };
    case 'EXPR_SUBLINK':
      return { flow: mergeFlows([flow], 'plain'), isCalm: false };
    case 'ARRAY_SUBLINK':
      return { ...applyFunction(walk, 'pg_catalog.array_agg', calm(flow)), isCalm: false };
    default: {
      const compared = deriveFrom(test, flow);
      infer(walk, compared);
      return { flow: compared, isCalm: false };
    }
  }
}

function valueOfCall(walk: Walk, scope: Scope, call: FuncCall): Value {
  const words = stringsOf(call.funcname);
  // Quoted, `"pg_catalog.now"` is one name and not the built-in.
  const name = words.map((word) => (word.includes('.') ? `"${word}"` : word)).join('.');
  addFunction(walk, name);
  if (words.at(-1) === 'set_config') noteSetConfig(walk, call);
  inferFrom(walk, scope, call.agg_filter);
  inferFrom(walk, scope, call.over);
  const args = (call.args ?? []).map((arg) => valueOf(walk, scope, arg));
  const order = valueOf(walk, scope, call.agg_order);
  // Rows of values may hold what cannot be compared, which is only found out behind equal ones.
  infer(walk, order.flow);
  const all = combine(walk, [...args, order]);
  if (refusesSome(words.at(-1) ?? '', call, args)) infer(walk, all.flow);
  return applyFunction(walk, name, all);
}

/** Calls of quiet functions that are not: some values of some arguments are errors, or are compared. */
function refusesSome(name: string, call: FuncCall, args: readonly Value[]): boolean {
  if (call.func_variadic === true || call.agg_within_group === true) return true;
  if (call.agg_distinct === true || (quietAlone.has(name) && args.length > 1)) return true;
  // No key may be null.
  return /^jsonb?_build_object$/.test(name)
    ? args.length % 2 === 1 || args.some(({ flow }, at) => at % 2 === 0 && flow.size > 0)
    : false;
}

// `(u).email` is a column of u; any other field or element is computed.
function valueOfIndirection(walk: Walk, scope: Scope, fields: Fields): Value {
  const steps = (fields['indirection'] ?? []) as readonly Node[];
  for (const step of steps) useField(walk, step);
  const indexes = combine(
    walk,
    steps.map((step) => {
      const index = only(step, 'A_Indices');
      return valueOf(walk, scope, [index?.lidx, index?.uidx]);
    }),
  );
  const [step] = steps;
  const whole: ColumnRef | undefined = only(fields['arg'] as Node, 'ColumnRef');
  const field = steps.length === 1 ? stringOf(step) : '';
  const words = stringsOf(whole?.fields);
  if (field !== '' && words.length === 1 && isRelationName(walk, scope, words[0] ?? '')) {
    const row = useReference(walk, scope, { fields: whole?.fields ?? [] });
    if (walk.catalog.userFunctions.has(field)) escape(walk, row);
    const reference = { fields: [...(whole?.fields ?? []), step] as Node[] };
    return calm(mergeFlows([useReference(walk, scope, reference)], 'plain'));
  }
  const arg = valueOf(walk, scope, fields['arg']);
  const called = steps.some((each) => walk.catalog.userFunctions.has(stringOf(each)));
  if (called) escape(walk, arg.flow);
  const all = combine(walk, [arg, indexes]);
  return { flow: deriveFrom(all.flow), isCalm: all.isCalm };
}

/** Whether the only thing that a word can mean here is a relation in scope, not a column of that name. */
function isRelationName(walk: Walk, scope: Scope, name: string): boolean {
  let found = false;
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    spend(walk, level.entries.length);
    for (const entry of level.entries) {
      if (entry.kind === 'base' && entry.alias === name) found = true;
      if (!entry.qualifiedOnly && mayHaveColumn(entry, name)) return false;
    }
    if (found) return true;
  }
  return false;
}

// `(x).f` reads a field of a composite value or calls the function f with it.
function useField(walk: Walk, step: Node): void {
  const name = stringOf(step);
  if (name !== '' && walk.catalog.userFunctions.has(name)) addFunction(walk, name);
}

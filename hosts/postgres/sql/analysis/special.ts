// Expressions with a grammar of their own: CASE, COALESCE, rows, arrays, tests, JSON and XML constructors.

import type { CaseExpr, Node } from 'libpg-query';

import { scalarTypes } from '../quiet-functions.ts';
import type { Fields } from './ast.ts';
import { isFields, only, stringOf } from './ast.ts';
import { isPlainOf } from './calls.ts';
import { combine, flowOf, inferFrom, valueOf, valueOfChildren } from './values.ts';
import { deriveFrom, mergeFlows, noFlow } from './flow.ts';
import type { Scope } from './scope.ts';
import type { Value, Walk } from './walk.ts';
import { infer } from './walk.ts';

/** Undefined for a node that is not known. */
export function valueOfSpecial(
  walk: Walk,
  scope: Scope,
  tag: string,
  fields: Fields,
): Value | undefined {
  switch (tag) {
    case 'CaseExpr':
      return valueOfCase(walk, scope, fields);
    case 'CoalesceExpr':
      return valueOfCoalesce(walk, scope, fields['args']);
    case 'CollateClause':
    case 'NamedArgExpr':
      return valueOf(walk, scope, fields['arg']);
    case 'SortBy':
      noteOperator(walk, fields['useOp']);
      return valueOf(walk, scope, fields['node']);
    case 'MultiAssignRef':
      return valueOf(walk, scope, fields['source']);
    case 'ResTarget':
      return valueOf(walk, scope, fields['val']);
    case 'RowExpr':
      return computed(valueOf(walk, scope, fields['args']));
    case 'A_ArrayExpr':
      return scalars(walk, valueOf(walk, scope, fields['elements']));
    case 'GroupingFunc':
      // Which columns are grouped by, not what is in them.
      return { flow: noFlow, isCalm: valueOf(walk, scope, fields['args']).isCalm };
    case 'WindowDef':
    case 'MinMaxExpr':
    case 'BoolExpr':
    case 'NullTest':
    case 'BooleanTest':
      return telling(walk, valueOfChildren(walk, scope, fields));
    default:
      return /^(Json|Xml)/.test(tag) ? valueOfDocument(walk, scope, tag, fields) : undefined;
  }
}

const computed = ({ flow, isCalm }: Value): Value => ({ flow: deriveFrom(flow), isCalm });

function telling(walk: Walk, { flow }: Value): Value {
  infer(walk, flow);
  return { flow: deriveFrom(flow), isCalm: false };
}

// Arrays in an array must have the same dimensions.
const scalars = (walk: Walk, value: Value): Value =>
  isPlainOf(walk.catalog, value.flow, scalarTypes) ? computed(value) : telling(walk, value);

function noteOperator(walk: Walk, name: unknown): void {
  if (Array.isArray(name)) walk.operators.add(stringOf((name as readonly Node[]).at(-1)));
}

function valueOfCase(walk: Walk, scope: Scope, choice: CaseExpr): Value {
  inferFrom(walk, scope, choice.arg);
  const results = (choice.args ?? []).map((node) => {
    const when = only(node, 'CaseWhen');
    inferFrom(walk, scope, when?.expr);
    return valueOf(walk, scope, when?.result);
  });
  return oneOf(combine(walk, [...results, valueOf(walk, scope, choice.defresult)]));
}

/** A value that is one of several, unchanged if there are no others. */
const oneOf = ({ flow, isCalm }: Value): Value => ({ flow: mergeFlows([flow], 'plain'), isCalm });

function valueOfCoalesce(walk: Walk, scope: Scope, args: unknown): Value {
  const values = (Array.isArray(args) ? (args as unknown[]) : []).map((arg) =>
    valueOf(walk, scope, arg),
  );
  const all = combine(walk, values);
  // Whether a later argument is computed at all, an error or the time it takes tells.
  const first = values[0]?.isCalm === true ? 1 : 0;
  if (!values.slice(first).every(({ isCalm }) => isCalm)) infer(walk, all.flow);
  return oneOf(all);
}

const quietDocuments = new Set([
  'JsonArrayConstructor',
  'JsonArrayAgg',
  'JsonObjectConstructor',
  'JsonValueExpr',
]);

function valueOfDocument(walk: Walk, scope: Scope, tag: string, fields: Fields): Value {
  if (tag === 'JsonKeyValue') {
    // No key may be null.
    const key = flowOf(walk, scope, fields['key']);
    infer(walk, key);
    const value = valueOf(walk, scope, fields['value']);
    return { flow: deriveFrom(key, value.flow), isCalm: value.isCalm };
  }
  const value = valueOfChildren(walk, scope, fields);
  const isQuiet = quietDocuments.has(tag) && isPlainDocument(fields) && value.isCalm;
  return isQuiet ? computed(value) : telling(walk, value);
}

// With RETURNING or FORMAT it is parsed again, which may fail; FILTER, ORDER BY and OVER decide what is seen.
const isPlainDocument = (fields: Fields): boolean => {
  const constructor = Object.hasOwn(fields, 'constructor') ? fields['constructor'] : undefined;
  const demands = isFields(constructor) ? constructor : {};
  return (
    !('output' in fields) &&
    !['output', 'agg_filter', 'agg_order', 'over'].some((key) => key in demands)
  );
};

/** A structure that the parser writes without a tag: its parent's part. */
export function valueOfBare(walk: Walk, scope: Scope, fields: Fields): Value {
  const { format } = fields;
  const value = valueOfChildren(walk, scope, fields);
  const isFormatted = isFields(format) && format['format_type'] !== 'JS_FORMAT_DEFAULT';
  return isFormatted ? telling(walk, value) : value;
}

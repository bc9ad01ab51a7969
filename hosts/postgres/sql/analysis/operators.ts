// Operators and casts: the few that neither fail nor compare leave their operands to the mask of the result.

import type { A_Expr, Node, TypeCast } from 'libpg-query';

import { scalarTypes, textTypes } from '../quiet-functions.ts';
import { constantOf, only, stringOf } from './ast.ts';
import { isOfTypes } from './calls.ts';
import { combine, valueOf } from './expression.ts';
import { deriveFrom, noFlow } from './flow.ts';
import type { Flow } from './flow.ts';
import type { Scope } from './scope.ts';
import type { Value, Walk } from './walk.ts';
import { infer } from './walk.ts';

const jsonbTypes: ReadonlySet<number> = new Set([3802]);
const integerTypes: ReadonlySet<number> = new Set([20, 21, 23]);
const dateTypes: ReadonlySet<number> = new Set([1082, 1114, 1184]);
const fieldOperators = new Set(['->', '->>', '#>', '#>>']);

export function valueOfOperator(walk: Walk, scope: Scope, operation: A_Expr): Value {
  const name = stringOf(operation.name?.at(-1));
  if (operation.name !== undefined) walk.operators.add(name);
  const left = valueOf(walk, scope, operation.lexpr);
  const right = valueOf(walk, scope, operation.rexpr);
  const both = combine(walk, [left, right]);
  const isCalm = both.isCalm && isQuiet(walk, operation, name, [left.flow, right.flow]);
  if (!isCalm) infer(walk, both.flow);
  return { flow: deriveFrom(both.flow), isCalm };
}

function isQuiet(
  walk: Walk,
  { kind, rexpr }: A_Expr,
  name: string,
  [left, right]: readonly [Flow, Flow],
): boolean {
  const { catalog } = walk;
  if (kind === 'AEXPR_NULLIF') {
    return isOfTypes(catalog, left, scalarTypes) && isOfTypes(catalog, right, scalarTypes);
  }
  if (kind !== 'AEXPR_OP') return false;
  // Of JSON, arrays and bits, some do not go together.
  if (name === '||') {
    return isOfTypes(catalog, left, textTypes) && isOfTypes(catalog, right, textTypes);
  }
  // The type json is text that may hold what no text can.
  return fieldOperators.has(name) && isOfTypes(catalog, left, jsonbTypes) && isLiteral(rexpr);
}

const isLiteral = (node: Node | undefined): boolean =>
  constantOf(node) !== undefined || only(node, 'ParamRef') !== undefined;

/** Targets of casts that never fail, by what they are cast from. */
const quietCasts: Readonly<Record<string, ReadonlySet<number>>> = {
  text: scalarTypes,
  varchar: scalarTypes,
  bpchar: scalarTypes,
  name: textTypes,
  int8: integerTypes,
  numeric: new Set([...integerTypes, 1700]),
  date: dateTypes,
};

export function valueOfCast(walk: Walk, scope: Scope, cast: TypeCast): Value {
  const type = stringOf(cast.typeName?.names?.at(-1));
  walk.casts.add(type);
  const { flow, isCalm } = valueOf(walk, scope, cast.arg);
  if (flow.size === 0) return { flow: noFlow, isCalm };
  const { arrayBounds, typmods } = cast.typeName ?? {};
  const isText = type === 'text' || type === 'varchar';
  const from = arrayBounds === undefined ? quietCasts[type] : undefined;
  // With digits to keep to, a number may not fit.
  const fits = typmods === undefined || isText || type === 'bpchar';
  if (from === undefined || !fits || !isOfTypes(walk.catalog, flow, from)) {
    infer(walk, flow);
    return { flow: deriveFrom(flow), isCalm: false };
  }
  const isSame = isText && typmods === undefined && isOfTypes(walk.catalog, flow, textTypes);
  return { flow: isSame ? flow : deriveFrom(flow), isCalm };
}

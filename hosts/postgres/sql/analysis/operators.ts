// Operators and casts: the few that neither fail nor compare leave their operands to the mask of the result.

import type { A_Expr, Node, TypeCast } from 'libpg-query';

import { textTypes } from '../quiet-functions.ts';
import { only, stringOf, stringsOf } from './ast.ts';
import { isPlainOf } from './calls.ts';
import { isConstant } from './constants.ts';
import { combine, valueOf } from './values.ts';
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
  const isConcatenation = operation.kind === 'AEXPR_OP' && name === '||';
  // Of JSON, arrays and bits, some do not go together.
  const isText = isConcatenation && isTextual(walk, left) && isTextual(walk, right);
  const isCalm = both.isCalm && (isText || isField(walk, operation, left.flow));
  if (!isCalm) infer(walk, both.flow);
  return { flow: deriveFrom(both.flow), isCalm, isText };
}

const isTextual = (walk: Walk, { flow, isText }: Value): boolean =>
  isText === true || isPlainOf(walk.catalog, flow, textTypes);

/** The type json is text that may hold what no text can; in jsonb any field may be asked for. */
const isField = (walk: Walk, { kind, name, rexpr }: A_Expr, left: Flow): boolean =>
  kind === 'AEXPR_OP' &&
  fieldOperators.has(stringOf(name?.at(-1))) &&
  isPlainOf(walk.catalog, left, jsonbTypes) &&
  isLiteral(rexpr);

const isLiteral = (node: Node | undefined): boolean =>
  isConstant(node) || only(node, 'ParamRef') !== undefined;

/** Targets of casts that never fail, by what they are cast from; anything can be written as text. */
const quietCasts: Readonly<Record<string, ReadonlySet<number> | 'any'>> = {
  text: 'any',
  varchar: 'any',
  bpchar: 'any',
  int8: integerTypes,
  numeric: new Set([...integerTypes, 1700]),
  date: dateTypes,
};

export function valueOfCast(walk: Walk, scope: Scope, cast: TypeCast): Value {
  const words = stringsOf(cast.typeName?.names);
  const type = words.at(-1) ?? '';
  walk.casts.add(type);
  const value = valueOf(walk, scope, cast.arg);
  const { flow, isCalm } = value;
  if (flow.size === 0) return { flow: noFlow, isCalm };
  const { arrayBounds, typmods } = cast.typeName ?? {};
  // A domain or an enumeration of the same name refuses values.
  const isBuiltIn =
    words.length > 1 ? words[0] === 'pg_catalog' : !walk.catalog.userTypes.has(type);
  const from = arrayBounds === undefined && isBuiltIn ? quietCasts[type] : undefined;
  if (from === undefined || (from !== 'any' && !isNumber(walk, flow, from, typmods))) {
    infer(walk, flow);
    return { flow: deriveFrom(flow), isCalm: false };
  }
  const isSame = type !== 'bpchar' && typmods === undefined && isTextual(walk, value);
  return { flow: isSame ? flow : deriveFrom(flow), isCalm, isText: from === 'any' };
}

// With digits to keep to, a number may not fit.
const isNumber = (
  walk: Walk,
  flow: Flow,
  from: ReadonlySet<number>,
  typmods: readonly Node[] | undefined,
): boolean => typmods === undefined && isPlainOf(walk.catalog, flow, from);

// How visitors ask for what an expression comes to, and put together what several do.

import type { Fields } from './ast.ts';
import type { Flow } from './flow.ts';
import { mergeFlows } from './flow.ts';
import type { Output, Scope } from './scope.ts';
import { weightOf } from './scope.ts';
import type { Value, Walk } from './walk.ts';
import { escape, infer, spend } from './walk.ts';

/** Putting this many columns into a flow takes as long as one look-up. */
const flowsToLookup = 2;

/** Of a node or a list of nodes. */
export const valueOf = (walk: Walk, scope: Scope, node: unknown): Value =>
  walk.visitors.value(walk, scope, node);

/** The flow of any expressions together. */
export const flowOf = (walk: Walk, scope: Scope, node: unknown): Flow =>
  valueOf(walk, scope, node).flow;

/** For nodes that decide about rows, their order or what is computed. */
export function inferFrom(walk: Walk, scope: Scope, node: unknown): void {
  infer(walk, flowOf(walk, scope, node));
}

/** For nodes whose values leave by another way than the result. */
export function escapeFrom(walk: Walk, scope: Scope, node: unknown): void {
  escape(walk, flowOf(walk, scope, node));
}

export function together(walk: Walk, scope: Scope, nodes: readonly unknown[]): Value {
  const values = nodes.map((node) => valueOf(walk, scope, node));
  return combine(walk, values);
}

/** A value made of several. */
export function combine(walk: Walk, values: readonly Value[]): Value {
  spend(
    walk,
    values.reduce((sum, { flow }) => sum + flow.size, 0),
  );
  return {
    flow: mergeFlows(values.map(({ flow }) => flow)),
    isCalm: values.every(({ isCalm }) => isCalm),
  };
}

/** Before columns of an output are taken together: they may be many, each from many. */
export function spendOn(walk: Walk, output: Output): void {
  spend(walk, Math.ceil(weightOf(output) / flowsToLookup));
}

/** What a node holds, whatever it is. */
export function valueOfChildren(walk: Walk, scope: Scope, fields: Fields): Value {
  const children = Object.values(fields).filter(
    (child) => typeof child === 'object' && child !== null,
  );
  return together(walk, scope, children);
}

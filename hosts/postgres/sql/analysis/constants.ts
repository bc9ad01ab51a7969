// The only place where the value of a constant is looked at: of all others the analysis does not depend.

import type { A_Const, Node } from 'libpg-query';

import { isFields, only } from './ast.ts';

/** Offsets, in bytes of the text, at which the constants stand whose values were looked at. */
export type Consulted = Set<number>;

/** Whether a node is a constant other than NULL, also behind a cast such as `'x'::text`. */
export const isConstant = (node: Node | undefined): boolean => bare(node) !== undefined;

/** A constant as text: string, number or boolean, also behind a cast such as `'x'::text`. */
export function constantOf(
  node: Node | undefined,
  { consulted }: { readonly consulted: Consulted },
): string | undefined {
  const constant = bare(node);
  if (constant === undefined) return undefined;
  consulted.add(constant.location ?? 0);
  if (constant.sval !== undefined) return constant.sval.sval ?? '';
  if (constant.boolval !== undefined) return constant.boolval.boolval === true ? 'true' : 'false';
  // The parser leaves a zero out.
  if (constant.ival !== undefined) return String(constant.ival.ival ?? 0);
  return constant.fval?.fval;
}

/** Offsets, in bytes of the text, at which constants stand in a tree. */
export function constantsIn(tree: unknown): ReadonlySet<number> {
  const places = new Set<number>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isFields(value)) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === 'A_Const' && isFields(child)) places.add(Number(child['location'] ?? 0));
      else visit(child);
    }
  };
  visit(tree);
  return places;
}

function bare(node: Node | undefined): A_Const | undefined {
  const cast = only(node, 'TypeCast');
  if (cast !== undefined) return bare(cast.arg);
  const constant = only(node, 'A_Const');
  return constant?.isnull === true ? undefined : constant;
}

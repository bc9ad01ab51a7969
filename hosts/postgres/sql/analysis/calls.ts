// What comes out of a function call: its arguments, and what else the call may tell of them.

import type { Catalog } from '../catalog.ts';
import { classOfCall } from '../quiet-functions.ts';
import type { Flow } from './flow.ts';
import { deriveFrom } from './flow.ts';
import type { Value, Walk } from './walk.ts';
import { escape, infer } from './walk.ts';

/** @param name as facts write it */
export function applyFunction(walk: Walk, name: string, { flow, isCalm }: Value): Value {
  const call = classOfCall(name, walk.catalog);
  const isQuiet =
    isCalm &&
    call.kind === 'quiet' &&
    (call.types === undefined || isPlainOf(walk.catalog, flow, call.types));
  if (call.kind === 'loose') escape(walk, flow);
  else if (!isQuiet) infer(walk, flow);
  return { flow: deriveFrom(flow), isCalm: isQuiet };
}

/** Whether a value is made of unchanged columns only, each certainly of one of the types. */
export function isPlainOf(catalog: Catalog, flow: Flow, types: ReadonlySet<number>): boolean {
  for (const [key, manner] of flow) {
    const dot = key.lastIndexOf('.');
    const relations = catalog.byQualified.get(key.slice(0, Math.max(0, dot))) ?? [];
    const name = key.slice(dot + 1);
    const fits = relations.every((relation) =>
      types.has(relation.columnsByName.get(name)?.typeOid ?? 0),
    );
    if (manner === 'derived' || relations.length === 0 || !fits) return false;
  }
  return true;
}

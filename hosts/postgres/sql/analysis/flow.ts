// How columns of base relations come into a value: what masking follows through a statement.

/**
 * `origin`: a plain column, whose table and number the server reports with the result. `plain`: one of several columns
 * unchanged, so that a mask of each can stand for it. `derived`: computed, so that nothing but NULL can stand for it.
 */
export type Manner = 'origin' | 'plain' | 'derived';

/** Keys `schema.relation.column`, or `schema.relation.*` for any column of the relation. */
export type Flow = ReadonlyMap<string, Manner>;

export const noFlow: Flow = new Map();

/** The key of what cannot be traced: any column of what the statement touches. */
export const untracedKey = '?';
export const untraced: Flow = new Map([[untracedKey, 'derived']]);

export const flowFrom = (key: string, manner: Manner): Flow => new Map([[key, manner]]);

const ranks: Readonly<Record<Manner, number>> = { origin: 0, plain: 1, derived: 2 };

const further = (one: Manner, other: Manner): Manner => (ranks[one] >= ranks[other] ? one : other);

/** A value that comes from any of these. */
export function mergeFlows(flows: readonly Flow[], least: Manner = 'origin'): Flow {
  const present = flows.filter((flow) => flow.size > 0);
  const [first] = present;
  if (first === undefined) return noFlow;
  if (present.length === 1 && least === 'origin') return first;
  const merged = new Map<string, Manner>();
  for (const flow of present) {
    for (const [key, manner] of flow) {
      merged.set(key, further(further(manner, least), merged.get(key) ?? 'origin'));
    }
  }
  return merged;
}

/** A value computed from these. */
export const deriveFrom = (...flows: readonly Flow[]): Flow => mergeFlows(flows, 'derived');

export function sameFlow(one: Flow, other: Flow): boolean {
  if (one.size !== other.size) return false;
  return Array.from(one).every(([key, manner]) => other.get(key) === manner);
}

// What a fault is, and what cases say about its end.

import type { Arena } from './arena.ts';

export interface Fault {
  readonly name: string;
  /** What is at fault: one word or two. */
  readonly class: string;
  /** Rejects when the fault does more than deny or refuse, lasts, or makes a later decision wrong. */
  readonly run: (arena: Arena) => Promise<void>;
}

export const fault = (kind: string, name: string, run: Fault['run']): Fault => ({
  class: kind,
  name,
  run,
});

/** @throws with the claim when it does not hold. */
export function demand(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new Error(claim);
}

// What a case is, and what cases say about an answer.

import type { Arena } from './arena.ts';
import type { Answer } from './raw-client.ts';

export interface Attack {
  readonly name: string;
  /** What is attacked: one word or two. */
  readonly class: string;
  /** Rejects when the attack succeeds in any way but a canary in a masked client's bytes. */
  readonly run: (arena: Arena) => Promise<void>;
}

export const attack = (kind: string, name: string, run: Attack['run']): Attack => ({
  class: kind,
  name,
  run,
});

/** @throws with the claim when it does not hold. */
export function demand(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new Error(claim);
}

export function demandError(answer: Answer, ...codes: readonly string[]): void {
  const found = answer.errors.join();
  demand(
    answer.errors.length > 0 &&
      (codes.length === 0 || answer.errors.every((code) => codes.includes(code))),
    `an error ${codes.join(' or ')} was due, not '${found}'`,
  );
}

export function demandRows(answer: Answer, rows: readonly (readonly (string | null)[])[]): void {
  const found = JSON.stringify(answer.rows);
  demand(answer.errors.length === 0, `no error was due, not ${answer.errors.join()}`);
  demand(found === JSON.stringify(rows), `other rows were due than ${found}`);
}

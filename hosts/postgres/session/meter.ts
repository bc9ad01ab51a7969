// What one permission has spent of its budget: a text of the simple protocol, or a portal over all its executions.

import { strict as assert } from 'node:assert';

import type { Budget, BudgetUnit } from '#engine';

import type { Refusal } from '../refusal.ts';
import { refusal } from '../refusal.ts';
import type { FrameView } from '../wire/index.ts';
import type { Bounds, Permission } from './permission.ts';

export class Meter {
  readonly bounds: Bounds;
  readonly #refusal: (unit: BudgetUnit) => Refusal;
  #rows = 0;
  #bytes = 0;
  /** Milliseconds that it was run for, up to the last time that somebody looked. */
  milliseconds = 0;
  #spent: Refusal | undefined;

  constructor({ decisions }: Pick<Permission, 'decisions'>, bounds: Bounds, before?: Meter) {
    this.bounds = bounds;
    if (before !== undefined) {
      this.#rows = before.#rows;
      this.#bytes = before.#bytes;
      this.milliseconds = before.milliseconds;
    }
    this.#refusal = (unit) => budgetRefusal(unit, bounds.budget, decisions[0]?.id);
  }

  /** Why nothing more of it may pass, once that is so. */
  get spent(): Refusal | undefined {
    return this.#spent;
  }

  /** The time is over; or `unit` is, whatever was counted. */
  exhaust(unit: BudgetUnit): void {
    this.#spent ??= this.#refusal(unit);
  }

  /** What else than rows is shown of it. */
  spendBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > (this.bounds.budget.bytes ?? Infinity)) this.exhaust('bytes');
  }

  /** The end of what may still pass of whole frames that are one row each; a last one may go on behind the view. */
  spendRows({ buffer, start, end }: FrameView): number {
    const { rows = Infinity, bytes = Infinity } = this.bounds.budget;
    let at = start;
    while (at < end && this.#spent === undefined) {
      const size = 1 + buffer.readInt32BE(at + 1);
      this.#rows += 1;
      this.#bytes += size;
      if (this.#rows > rows) this.exhaust('rows');
      else if (this.#bytes > bytes) this.exhaust('bytes');
      else at += size;
    }
    return Math.min(at, end);
  }
}

/** Ends the session: a budget is spent, and what comes behind cannot be held back any more. */
export class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent';
  readonly refusal: Refusal;

  readonly code = 'budget-spent';

  /** @param meter One that has nothing left. */
  constructor({ spent }: Meter) {
    assert(spent !== undefined);
    super(spent.message);
    this.refusal = spent;
  }
}

/** Nothing where nothing is bounded; `before` is what a portal was metered by under another policy. */
export function meterOf(permission: Permission, before?: Meter): Meter | undefined {
  const { bounds } = permission;
  return bounds === undefined ? undefined : new Meter(permission, bounds, before);
}

export function budgetRefusal(unit: BudgetUnit, budget: Budget, decision?: string): Refusal {
  const bound = budget[unit] ?? 0;
  return refusal('budget-spent', `the budget of ${bound} ${words[unit]} is spent`, {
    hint: hints[unit],
    ...(decision === undefined ? {} : { decision }),
  });
}

const words: Readonly<Record<BudgetUnit, string>> = {
  rows: 'rows',
  bytes: 'bytes',
  seconds: 'seconds',
  statements_per_minute: 'statements per minute',
};

const hints: Readonly<Record<BudgetUnit, string>> = {
  rows: 'ask for fewer rows, with LIMIT or a narrower condition',
  bytes: 'ask for fewer rows or columns',
  seconds: 'ask for less at a time',
  statements_per_minute: 'wait a minute, then send the statement again',
};

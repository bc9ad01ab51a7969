// What may be spent under several decisions about the same bytes.

import type { Budget } from '../model/index.ts';
import { budgetUnits, unbounded } from '../model/index.ts';

/** The smallest bound of each unit; `undefined` where nothing is bounded. Of a single decision the very budget. */
export function mergeBudgets(budgets: readonly Budget[]): Budget | undefined {
  const bounded = budgets.filter((budget) => budget !== unbounded);
  if (bounded.length < 2) return bounded[0];
  const smallest = budgetUnits.flatMap((unit) => {
    const bounds = bounded.flatMap((budget) => budget[unit] ?? []);
    return bounds.length === 0 ? [] : [[unit, Math.min(...bounds)] as const];
  });
  return Object.fromEntries(smallest);
}

import { describe, expect, it } from '@jest/globals';

import { unbounded } from '../../../engine/model/index.ts';
import { mergeBudgets } from '../../../engine/policy/index.ts';

describe('several budgets', () => {
  it('are the smallest bound of each unit', () => {
    expect(
      mergeBudgets([
        { rows: 10, seconds: 60 },
        unbounded,
        { rows: 20, bytes: 4096 },
        { seconds: 5 },
      ]),
    ).toEqual({ rows: 10, bytes: 4096, seconds: 5 });
  });

  it('are the very budget where only one bounds anything', () => {
    const budget = { rows: 10 };
    expect(mergeBudgets([unbounded, budget, unbounded])).toBe(budget);
  });

  it('are none where nothing is bounded', () => {
    expect(mergeBudgets([])).toBeUndefined();
    expect(mergeBudgets([unbounded, unbounded])).toBeUndefined();
  });
});

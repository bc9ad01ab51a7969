import { describe, expect, it } from '@jest/globals';

import { StatementRates } from '../../../hosts/postgres/statement-rates.ts';

const minute = 60_000;

describe('statements per minute', () => {
  let now = 0;
  const rates = () => {
    now = 0;
    return new StatementRates(() => now);
  };

  it('are counted for each principal, target and bound alone', () => {
    const counted = rates();
    expect(counted.take(['ada', 'shop'], 3, 3)).toBe(true);
    expect(counted.take(['ada', 'shop'], 1, 3)).toBe(false);
    expect(counted.take(['bob', 'shop'], 1, 3)).toBe(true);
    expect(counted.take(['ada', 'till'], 1, 3)).toBe(true);
    expect(counted.take(['ada', 'shop'], 1, 4)).toBe(true);
  });

  it('are all refused or none, and what is refused does not count', () => {
    const counted = rates();
    expect(counted.take(['ada', 'shop'], 2, 3)).toBe(true);
    expect(counted.take(['ada', 'shop'], 2, 3)).toBe(false);
    expect(counted.take(['ada', 'shop'], 1, 3)).toBe(true);
    expect(counted.take(['ada', 'shop'], 0, 3)).toBe(true);
  });

  it('are never more than the bound in any minute', () => {
    const counted = rates();
    const taken: number[] = [];
    for (; now < 5 * minute; now += 700) {
      if (counted.take(['ada', 'shop'], 1, 10)) taken.push(now);
    }
    for (const end of taken) {
      expect(taken.filter((at) => at > end - minute && at <= end).length).toBeLessThanOrEqual(10);
    }
    expect(taken.length).toBeGreaterThan(4 * 10);
  });
});

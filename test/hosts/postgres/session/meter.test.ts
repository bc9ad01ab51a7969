import { describe, expect, it } from '@jest/globals';

import type { Budget } from '../../../../engine/model/index.ts';
import { BudgetClock } from '../../../../hosts/postgres/session/budget-clock.ts';
import { Meter } from '../../../../hosts/postgres/session/meter.ts';
import type { QueryEntry } from '../../../../hosts/postgres/session/pipeline.ts';

// One column of five bytes.
const row = Buffer.from('440000000f0001000000053132333435', 'hex');
const rows = (count: number) => {
  const buffer = Buffer.concat(Array.from({ length: count }, () => row));
  return { buffer, start: 0, end: buffer.length };
};
const meterOf = (budget: Budget, before?: Meter) =>
  new Meter({ decisions: [] }, { budget, statements: 1, counted: 1 }, before);

describe('a meter', () => {
  it('lets rows pass up to the bound, over many runs of them', () => {
    const meter = meterOf({ rows: 5 });
    expect(meter.spendRows(rows(3))).toBe(3 * row.length);
    expect(meter.spendRows(rows(2))).toBe(2 * row.length);
    expect(meter.spent).toBeUndefined();
    expect(meter.spendRows(rows(1))).toBe(0);
    expect(meter.spent).toMatchObject({ code: 'budget-spent' });
  });

  it('stops in the middle of a run, at the end of a row', () => {
    const meter = meterOf({ rows: 2 });
    expect(meter.spendRows(rows(4))).toBe(2 * row.length);
    expect(meter.spendRows(rows(4))).toBe(0);
    const bytes = meterOf({ bytes: 2 * row.length + 1 });
    expect(bytes.spendRows(rows(3))).toBe(2 * row.length);
    expect(bytes.spent?.message).toContain('bytes');
  });

  it('counts a row that comes in pieces by its whole size, when it begins', () => {
    const piece = { buffer: row, start: 0, end: 8 };
    expect(meterOf({ bytes: row.length }).spendRows(piece)).toBe(8);
    expect(meterOf({ bytes: row.length - 1 }).spendRows(piece)).toBe(0);
  });

  it('counts what else is said with the bytes of rows', () => {
    const meter = meterOf({ bytes: 2 * row.length });
    meter.spendBytes(row.length);
    expect(meter.spendRows(rows(1))).toBe(row.length);
    meter.spendBytes(1);
    expect(meter.spent?.message).toContain('bytes');
  });

  it('goes on from what was spent under another policy', () => {
    const before = meterOf({ rows: 10 });
    before.spendRows(rows(4));
    const meter = meterOf({ rows: 5 }, before);
    expect(meter.spendRows(rows(4))).toBe(row.length);
  });
});

describe('the clock of budgets', () => {
  const entryOf = (meter: Meter | undefined): QueryEntry => ({
    ...{ kind: 'query', permission: undefined, refused: undefined },
    meter,
  });

  it('stops what runs for longer than its seconds, however often somebody looks', async () => {
    const over = Promise.withResolvers<Meter>();
    const started = performance.now();
    const clock = new BudgetClock({
      now: () => performance.now(),
      onOver: over.resolve,
      onStuck: over.reject,
    });
    const entry = entryOf(meterOf({ seconds: 0.05 }));
    clock.look(entry);
    setImmediate(() => {
      clock.look(entry);
    });
    expect(await over.promise).toBe(entry.meter);
    expect(performance.now() - started).toBeGreaterThan(45);
    expect(entry.meter?.spent?.message).toContain('seconds');
    clock.stop();
  });

  it('counts the time of one portal only while that runs', () => {
    let now = 0;
    const fail = (): never => {
      throw new Error('it is not over');
    };
    const clock = new BudgetClock({ now: () => now, onOver: fail, onStuck: fail });
    const meter = meterOf({ seconds: 100 });
    for (const running of [entryOf(meter), undefined, entryOf(meter), entryOf(undefined)]) {
      clock.look(running);
      now += 1000;
    }
    clock.stop();
    expect(meter.milliseconds).toBe(2000);
  });
});

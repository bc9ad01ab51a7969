// A statement that takes long to analyse: whoever else asks meanwhile is served as if it were not there.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';

import { TestGateway } from '../support/gateway.ts';

const rounds = 5;
const rows = 20_000;
/** Of the large statement's time: analysed in between, all of its analysis would be waited for. */
const waitShareMax = 1 / 3;

let gateway: TestGateway;
let busy: Client;
let other: Client;

beforeAll(async () => {
  gateway = await TestGateway.start();
  [busy, other] = [new Client(gateway.connection()), new Client(gateway.connection())];
  await Promise.all([busy.connect(), other.connect()]);
});

afterAll(async () => {
  await Promise.all([busy.end(), other.end()]);
  await gateway.stop();
});

const list = (count: number): string => Array.from({ length: count }, (_, at) => `(${at})`).join();
const countOf = (count: number) =>
  `SELECT count(*)::int AS n FROM (VALUES ${list(count)}) AS v (a)`;

/** The longest that the other session waited, as a share of what the large statement took. */
async function waitShare(): Promise<number> {
  const progress = { isOver: false };
  const startedAt = performance.now();
  const over = busy.query(countOf(rows)).finally(() => (progress.isOver = true));
  let longest = 0;
  while (!progress.isOver) {
    const askedAt = performance.now();
    await other.query('SELECT 1');
    longest = Math.max(longest, performance.now() - askedAt);
  }
  expect((await over).rows).toEqual([{ n: rows }]);
  return longest / (performance.now() - startedAt);
}

describe('a large statement', () => {
  it('is answered like any other', async () => {
    expect((await busy.query(countOf(5000))).rows).toEqual([{ n: 5000 }]);
    await expect(busy.query(`${countOf(5000)} WHERE`)).rejects.toMatchObject({
      code: '42601',
    });
  });

  it('lets others be served while it is analysed', async () => {
    const shares: number[] = [];
    for (let round = 0; round < rounds; round += 1) shares.push(await waitShare());
    expect(shares.sort((one, next) => one - next)[rounds >> 1]).toBeLessThan(waitShareMax);
  });
});

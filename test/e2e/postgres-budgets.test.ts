// Budgets of a policy, kept in the middle of results: what they let pass, what they stop, and what is left afterwards.

import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { listRecordings, readRecording } from '#engine';
import { describeIf } from '../support/describe-if.ts';
import { eventually } from '../support/eventually.ts';
import { TestGateway } from '../support/gateway.ts';
import { runProgram } from '../support/program.ts';

const policy = `package rules.postgres.budgets

import rego.v1

allow contains "everything is allowed"
budget contains {"rows": 100} if "rows" in input.principal.groups
budget contains {"bytes": 10000} if "bytes" in input.principal.groups
budget contains {"seconds": 1} if "seconds" in input.principal.groups
budget contains {"statements_per_minute": 5} if "few" in input.principal.groups
mask contains {"column": "public.people.email", "strategy": "fixed"} if "masked" in input.principal.groups
`;
const principals = Object.fromEntries(
  ['rows', 'bytes', 'seconds', 'few', 'free'].map((group) => [group, { groups: [group] }]),
);
const rowsOf = (count: number): string => `SELECT * FROM generate_series(1, ${count})`;
const spent = (unit: string) => ({
  code: '53400',
  message: expect.stringContaining(unit) as unknown,
  detail: expect.stringContaining('reason budget-spent') as unknown,
});

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start({
    policies: { 'budgets.rego': policy },
    principals: { ...principals, masked: { groups: ['rows', 'masked'] } },
    server: {
      setup: [
        `CREATE TABLE people (id int, email text);
         INSERT INTO people SELECT i, 'p' || i || '@example.org' FROM generate_series(1, 5000) i;
         ALTER TABLE people OWNER TO gateway`,
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
});

class Client extends pg.Client implements AsyncDisposable {
  static async open(principal: string): Promise<Client> {
    const client = new Client(gateway.connection(principal));
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async count(sql: string | pg.QueryConfig): Promise<number> {
    return (await this.query(sql)).rows.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

const running = async (): Promise<unknown> => {
  const [row] = await gateway.postgres.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE state = 'active' AND usename = 'gateway' AND application_name <> 'sallyport-catalog'`,
  );
  return row?.['n'];
};

describe('a budget of rows', () => {
  it('lets pass what it grants, of one result and of several in one text', async () => {
    await using client = await Client.open('rows');
    expect(await client.count(rowsOf(100))).toBe(100);
    expect(
      await client.count({ text: 'SELECT * FROM generate_series(1, $1)', values: [100] }),
    ).toBe(100);
    await client.query(`${rowsOf(50)}; ${rowsOf(50)}`);
  });

  it('ends what would be more with an error, and the session goes on', async () => {
    await using client = await Client.open('rows');
    for (const count of [101, 5000, 100_000]) {
      await expect(client.query(rowsOf(count))).rejects.toMatchObject(spent('100 rows'));
      const text = 'SELECT * FROM generate_series(1, $1::int)';
      await expect(client.query({ text, values: [count] })).rejects.toMatchObject(
        spent('100 rows'),
      );
      expect(await client.count(rowsOf(7))).toBe(7);
    }
  });

  it('shows the client no row beyond it', async () => {
    await using client = await Client.open('rows');
    let shown = 0;
    const query = new pg.Query(rowsOf(50_000));
    query.on('row', () => (shown += 1));
    const failed = new Promise((resolve) => query.on('error', resolve));
    client.query(query);
    expect(await failed).toMatchObject(spent('100 rows'));
    expect(shown).toBe(100);
  });

  it('stops at the target what would go on for long', async () => {
    await using client = await Client.open('rows');
    const started = performance.now();
    await expect(client.query('SELECT generate_series(1, 1000000000)')).rejects.toMatchObject(
      spent('100 rows'),
    );
    expect(performance.now() - started).toBeLessThan(5000);
    await eventually('nothing runs', async () => (await running()) === 0);
  });

  it('never hits the statement behind the one that it stops', async () => {
    await using client = await Client.open('rows');
    for (let round = 0; round < 30; round += 1) {
      const over = client.query(rowsOf(round % 2 === 0 ? 101 : 200_000)).catch(() => 'over');
      expect(await over).toBe('over');
      expect(await client.count('SELECT pg_sleep(0.02)')).toBe(1);
    }
  });

  it('tells the true state of a transaction', async () => {
    await using client = await Client.open('rows');
    await client.query('BEGIN');
    await expect(client.query(rowsOf(1_000_000))).rejects.toMatchObject(spent('rows'));
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    await client.query('ROLLBACK');
    expect(await client.count(rowsOf(1))).toBe(1);
  });

  it('counts the results of one text together', async () => {
    const client = await Client.open('rows');
    await expect(client.query(`${rowsOf(60)}; ${rowsOf(60)}`)).rejects.toMatchObject(spent('rows'));
    expect(await client.count(rowsOf(1))).toBe(1);
    // What is behind is done already, and cannot be taken back: the session ends.
    const text = `${rowsOf(101)}; CREATE TABLE behind ()`;
    await expect(client.query(text)).rejects.toMatchObject({ code: '53400' });
    await client.end();
  });

  it('holds for cursors and masked rows', async () => {
    await using client = await Client.open('rows');
    await client.query(`BEGIN; DECLARE c CURSOR FOR ${rowsOf(1000)}`);
    expect(await client.count('FETCH 100 FROM c')).toBe(100);
    await expect(client.query('FETCH 101 FROM c')).rejects.toMatchObject(spent('rows'));
    await client.query('ROLLBACK');
    await using masked = await Client.open('masked');
    const { rows } = await masked.query<{ email: string }>('SELECT email FROM people LIMIT 100');
    expect(new Set(rows.map(({ email }) => email))).toEqual(new Set(['***']));
    const over = masked.query('SELECT email FROM people');
    await expect(over).rejects.toMatchObject(spent('rows'));
  });

  it('is in the recording with what was refused', async () => {
    const outcomes: unknown[] = [];
    for (const { file } of await listRecordings(gateway.recordings)) {
      for await (const entry of readRecording(file)) {
        if (entry['type'] === 'outcome') outcomes.push(entry);
      }
    }
    const refused = { code: 'budget-spent', message: 'the budget of 100 rows is spent' };
    expect(outcomes).toContainEqual(expect.objectContaining({ error: '53400', refused }));
  });
});

describe('a budget of bytes', () => {
  it('bounds rows that are few and large, also those that pass in pieces', async () => {
    await using client = await Client.open('bytes');
    expect(await client.count("SELECT repeat('x', 9000)")).toBe(1);
    for (const size of [10_000, 1_000_000, 30_000_000]) {
      const over = client.query(`SELECT repeat('x', ${size})`);
      await expect(over).rejects.toMatchObject(spent('10000 bytes'));
    }
    expect(await client.count('SELECT 1')).toBe(1);
  });

  it('counts notices and notifications as well', async () => {
    await using client = await Client.open('bytes');
    let shown = 0;
    client.on('notice', ({ message = '' }) => (shown += message.length));
    const loop = `DO $$ BEGIN FOR i IN 1..10000 LOOP RAISE NOTICE '%', repeat('y', 1000); END LOOP; END $$`;
    await expect(client.query(loop)).rejects.toMatchObject(spent('bytes'));
    expect(shown).toBeLessThanOrEqual(10_000);
    expect(await client.count('SELECT 1')).toBe(1);
  });
});

describe('a budget of seconds', () => {
  it('stops what takes longer, and fails its transaction', async () => {
    await using client = await Client.open('seconds');
    expect(await client.count('SELECT pg_sleep(0.2)')).toBe(1);
    const started = performance.now();
    await expect(client.query('SELECT pg_sleep(20)')).rejects.toMatchObject(spent('1 seconds'));
    expect(performance.now() - started).toBeLessThan(8000);
    await client.query('BEGIN');
    const sleep = { text: 'SELECT pg_sleep($1)', values: [20] };
    await expect(client.query(sleep)).rejects.toMatchObject(spent('1 seconds'));
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    await client.query('ROLLBACK');
    expect(await client.count('SELECT 1')).toBe(1);
  });

  it('leaves time between statements alone', async () => {
    await using client = await Client.open('seconds');
    expect(await client.count('SELECT 1')).toBe(1);
    await delay(1500);
    expect(await client.count('SELECT 1')).toBe(1);
  });
});

describe('a budget of statements per minute', () => {
  it('counts over all sessions of a principal, without those that end transactions', async () => {
    await using one = await Client.open('few');
    await using other = await Client.open('few');
    await one.query('BEGIN');
    for (const client of [one, other, one]) expect(await client.count('SELECT 1')).toBe(1);
    expect(await other.query('SELECT 1; SELECT 2')).toBeDefined();
    await expect(one.query('SELECT 1')).rejects.toMatchObject(spent('5 statements per minute'));
    const prepared = { text: 'SELECT $1::int', values: [1] };
    await expect(other.query(prepared)).rejects.toMatchObject(spent('statements per minute'));
    await one.query('ROLLBACK');
    await using free = await Client.open('free');
    for (let count = 0; count < 20; count += 1) expect(await free.count('SELECT 1')).toBe(1);
  });
});

describeIf('psql', 'psql', (psql) => {
  const run = (principal: string, sql: string, input = '') =>
    runProgram(psql, ['-XAt', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-c', sql], {
      env: gateway.environment('gateway', principal),
      input,
    });

  it('copies as much as the budget grants, and no row more', async () => {
    const copy = (count: number) => run('rows', `COPY (${rowsOf(count)}) TO STDOUT`);
    expect((await copy(100)).stdout.trimEnd().split('\n')).toHaveLength(100);
    for (const count of [101, 1_000_000]) {
      const { code, stdout, stderr } = await copy(count);
      expect(code).not.toBe(0);
      expect(stderr).toContain('53400');
      expect(stdout.split('\n').length - 1).toBeLessThanOrEqual(100);
    }
    const masked = await run('masked', 'COPY people (email) TO STDOUT');
    expect(masked.stderr).toContain('53400');
    expect(new Set(masked.stdout.split('\n'))).toEqual(new Set(['***', '']));
  });

  it('ends a COPY whose data do not come in time', async () => {
    const child = await run('seconds', 'CREATE TEMP TABLE t (a int); SELECT pg_sleep(3)');
    expect(child.stderr).toContain('53400');
  });
});

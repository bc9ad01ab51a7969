// node-postgres through the gateway: the same answers as from the server itself.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import type { Answer } from '../../support/corpus.ts';
import { answersOf, corpus, corpusSetup, malformed, messageFields } from '../../support/corpus.ts';
import { eventually } from '../../support/eventually.ts';
import { TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start({ server: { setup: [corpusSetup] } });
});

afterAll(async () => {
  await gateway.stop();
});

type Way = 'direct' | 'gateway';

async function connect(way: Way): Promise<pg.Client> {
  const to = way === 'direct' ? gateway.direct() : gateway.connection();
  const client = new pg.Client({ ...to, application_name: 'test' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Runs the same thing both ways: first the truth, then what the gateway makes of it. */
async function both<T>(exercise: (client: pg.Client) => Promise<T>): Promise<readonly [T, T]> {
  const answers: T[] = [];
  for (const way of ['direct', 'gateway'] as const) {
    const client = await connect(way);
    try {
      answers.push(await exercise(client));
    } finally {
      await client.end();
    }
  }
  return answers as unknown as readonly [T, T];
}

type Rows = readonly object[];

async function rowsOf(
  client: pg.Client,
  query: string | pg.QueryConfig,
  values?: unknown[],
): Promise<Rows> {
  return (await client.query<object>(query, values)).rows;
}

/** 0 where there is no procfs. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
}

describe('the corpus', () => {
  for (const mode of ['simple', 'extended'] as const) {
    it(`is answered as by the server, ${mode} protocol`, async () => {
      const [direct, through] = await both((client) => answersOf(client, mode));
      expect(direct).toHaveLength(corpus.length);
      const differing = direct
        .map((answer, index) => ({ direct: answer, through: through[index] }))
        .filter((pair) => !isDeepStrictEqual(pair.direct, pair.through));
      expect(differing).toEqual([]);
    });

    it(`is refused with the server's code where it is no SQL, ${mode} protocol`, async () => {
      const [direct, through] = await both((client) => answersOf(client, mode, malformed));
      const outline = (answers: readonly Answer[]): object[] =>
        answers.map(({ sql, error, transaction }) => ({ sql, code: error?.['code'], transaction }));
      expect(direct.some(({ error }) => error?.['code'] === '42601')).toBe(true);
      expect(outline(through)).toEqual(outline(direct));
    });
  }
});

describe('parameters and prepared statements', () => {
  it('carries values of many types, and null', async () => {
    const values = [7, 'zwölf ✓', null, true, [1, 2, 3], { a: [1] }, Buffer.of(0, 255, 10), 1.25];
    const text =
      'SELECT $1::int, $2::text, $3::text, $4::bool, $5::int[], $6::jsonb, $7::bytea, $8::float8';
    const [direct, through] = await both((client) => rowsOf(client, text, values));
    expect(through).toEqual(direct);
  });

  it('executes a named statement again and again, between others', async () => {
    const [direct, through] = await both(async (client) => {
      const rows: object[] = [];
      for (let id = 0; id < 20; id += 1) {
        const named = {
          name: 'by-id',
          text: 'SELECT name FROM things WHERE id = $1',
          values: [id],
        };
        rows.push(...(await rowsOf(client, named)));
        rows.push(...(await rowsOf(client, `SELECT ${id} AS i`)));
      }
      return rows;
    });
    expect(direct).toHaveLength(24);
    expect(through).toEqual(direct);
  });

  it('reports the error of a parameter and goes on', async () => {
    const [direct, through] = await both(async (client) => {
      const failed = await client
        .query('SELECT $1::int', ['seven'])
        .catch((error: unknown) => messageFields(error as object));
      const rows = await rowsOf(client, 'SELECT $1::int AS n', [7]);
      return { failed, rows };
    });
    expect(through).toEqual(direct);
  });

  it('reads binary results', async () => {
    const text = 'SELECT 1::int8, $1::bytea, $2::float8';
    const binary = Object.assign({ text, values: ['\\x01', 2.5] }, { binary: true });
    const [direct, through] = await both((client) => rowsOf(client, binary));
    expect(through).toEqual(direct);
  });
});

describe('many statements', () => {
  it('queues hundreds on one connection and answers in order', async () => {
    const client = await connect('gateway');
    const numbers = Array.from({ length: 500 }, (_unused, index) => index);
    const answers = await Promise.all(
      numbers.map((n) => client.query<{ n: number }>('SELECT $1::int AS n', [n])),
    );
    await client.end();
    expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(numbers);
  });

  it('serves many connections at once', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect('gateway')));
    const answers = await Promise.all(
      clients.map((client, index) => rowsOf(client, 'SELECT $1::int AS n', [index])),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect(answers).toEqual(clients.map((_client, n) => [{ n }]));
  });
});

describe('large results', () => {
  it('brings 100,000 rows whole', async () => {
    const text =
      "SELECT i, md5(i::text) AS h, repeat('x', 80) AS x FROM generate_series(1, 100000) i";
    const [direct, through] = await both((client) => rowsOf(client, text));
    expect(through).toHaveLength(100_000);
    expect(through).toEqual(direct);
  });

  it('keeps the server waiting, not the rows in memory, while the client does not read', async () => {
    const text = "SELECT repeat('x', 1000) FROM generate_series(1, 200000)";
    const client = await connect('gateway');
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } })
      .connection;
    const before = await residentBytes(gateway.process.pid);
    const query = client.query(new pg.Query(text));
    let rows = 0;
    query.on('row', () => (rows += 1));
    const ended = once(query, 'end');
    await once(query, 'row');
    stream.pause();
    await eventually('the server waits for its client', async () => {
      const waiting = await gateway.postgres.query(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'ClientWrite' AND usename = 'gateway'",
      );
      return waiting.length === 1;
    });
    const grown = (await residentBytes(gateway.process.pid)) - before;
    stream.resume();
    await ended;
    await client.end();
    expect(rows).toBe(200_000);
    expect(grown).toBeLessThan(64 * 1024 * 1024);
  });

  it('takes a statement and a value of a hundred kilobytes', async () => {
    const wide = 'wide ✓ '.repeat(12_000);
    const [direct, through] = await both((client) =>
      rowsOf(client, 'SELECT length($1), md5($1)', [wide]),
    );
    expect(through).toEqual(direct);
  });
});

describe('asynchronous messages', () => {
  it('delivers notifications', async () => {
    const listener = await connect('gateway');
    await listener.query('LISTEN news');
    const arrived = once(listener, 'notification');
    const sender = await connect('gateway');
    await sender.query("NOTIFY news, 'payload ✓'");
    const [notification] = (await arrived) as [pg.Notification];
    expect(notification).toMatchObject({ channel: 'news', payload: 'payload ✓' });
    await Promise.all([listener.end(), sender.end()]);
  });

  it('tells that the server ended the session', async () => {
    const client = await connect('gateway');
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const ended = new Promise((resolve) => client.once('end', resolve));
    const running = client
      .query('SELECT pg_sleep(60)')
      .catch((error: unknown) => messageFields(error as object));
    await gateway.postgres.query(`SELECT pg_terminate_backend(${rows[0]?.pid ?? 0})`);
    expect(await running).toMatchObject({ code: '57P01' });
    await ended;
  });
});

// postgres.js, a client that shares no code with libpq: pipelines, binary-safe streams, portals.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';

import { corpusSetup, messageFields } from '../../support/corpus.ts';
import { eventually } from '../../support/eventually.ts';
import { TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start({ server: { setup: [corpusSetup] } });
});

afterAll(async () => {
  await gateway.stop();
});

type Sql = postgres.Sql;
type Exercise = (sql: Sql) => Promise<unknown>;

function connect(way: 'direct' | 'gateway'): Sql {
  const { ssl, ...to } = way === 'direct' ? gateway.direct() : gateway.connection();
  return postgres({ ...to, ssl, max: 1, onnotice: () => undefined });
}

async function both(exercise: Exercise): Promise<readonly [unknown, unknown]> {
  const answers: unknown[] = [];
  for (const way of ['direct', 'gateway'] as const) {
    const sql = connect(way);
    try {
      answers.push(await exercise(sql));
    } finally {
      await sql.end({ timeout: 5 });
    }
  }
  return [answers[0], answers[1]];
}

const failure = (error: unknown): object => messageFields(error as object);

const exercises: Readonly<Record<string, Exercise>> = {
  'values of many types': (sql) =>
    sql`SELECT ${7}::int AS i, ${'ünï ✓'}::text AS t, ${null}::text AS n, ${[1, 2]}::int[] AS a,
      ${sql.json({ a: [1] })}::jsonb AS j, ${Buffer.of(0, 255)}::bytea AS b, ${true}::bool AS ok,
      ${new Date(0)}::timestamptz AS at`,
  'a table with nulls': (sql) => sql`SELECT *, at::text AS at FROM things ORDER BY id`,
  'a pipeline of 200': (sql) =>
    Promise.all(Array.from({ length: 200 }, (_unused, i) => sql`SELECT ${i}::int AS i`)),
  'a pipeline with errors in it': (sql) =>
    Promise.all(
      [1, 0, 2, 0, 5].map((n) =>
        sql`SELECT 10 / ${n}::int AS q`.then((rows) => [...rows], failure),
      ),
    ),
  'several statements in one text': (sql) =>
    sql`SELECT 1 AS a; SELECT 2 AS b, 3 AS c; SELECT 4 AS d WHERE false`.simple(),
  'an error with its position': (sql) => sql`SELECT missing FROM things`.catch(failure),
  'a raised error': (sql) => sql`SELECT fails(${'raised ✓'})`.catch(failure),
  'a transaction that commits': (sql) =>
    sql.begin(async (tx) => {
      await tx`INSERT INTO things (id, name) VALUES (60, 'kept')`;
      return tx`DELETE FROM things WHERE id = 60 RETURNING id, name`;
    }),
  'a transaction that is rolled back': async (sql) => {
    const error = await sql
      .begin(async (tx) => {
        await tx`INSERT INTO things (id, name) VALUES (61, 'lost')`;
        await tx`SELECT 1 / 0`;
      })
      .catch(failure);
    return { error, left: await sql`SELECT id FROM things WHERE id = 61` };
  },
  'a savepoint': (sql) =>
    sql.begin(async (tx) => {
      await tx`INSERT INTO things (id, name) VALUES (62, 'outer')`;
      await tx.savepoint((inner) => inner`SELECT 1 / 0`).catch(failure);
      return tx`DELETE FROM things WHERE id = 62 RETURNING name`;
    }),
  'a cursor of seven rows at a time': async (sql) => {
    const sizes: number[] = [];
    await sql`SELECT * FROM generate_series(1, 50)`.cursor(7, (rows) => {
      sizes.push(rows.length);
    });
    return sizes;
  },
  'a cursor that is closed early': async (sql) => {
    let first: unknown;
    for await (const rows of sql`SELECT * FROM generate_series(1, 50)`.cursor(5)) {
      first = rows;
      break;
    }
    return [first, await sql`SELECT 'next' AS next`];
  },
  'a description': async (sql) => {
    const { types, columns } = await sql`SELECT id, name FROM things WHERE id = ${1}`.describe();
    return { types, columns: columns.map(({ name, type, number }) => ({ name, type, number })) };
  },
  'COPY out': async (sql) =>
    text(await sql`COPY (SELECT * FROM parts ORDER BY part) TO STDOUT`.readable()),
  'COPY in': async (sql) => {
    await sql`CREATE TEMP TABLE copied (a int, b text)`;
    const lines = Array.from({ length: 5000 }, (_unused, i) => `${i}\tline ${i}\n`);
    await pipeline(Readable.from(lines), await sql`COPY copied FROM STDIN`.writable());
    return sql`SELECT count(*), sum(a), max(b) FROM copied`;
  },
  'rows one by one': async (sql) => {
    let sum = 0;
    await sql`SELECT i FROM generate_series(1, 20000) i`.forEach((row) => {
      sum += Number(row['i']);
    });
    return sum;
  },
};

describe('postgres.js', () => {
  for (const [name, exercise] of Object.entries(exercises)) {
    it(`gets ${name} as from the server`, async () => {
      const [direct, through] = await both(exercise);
      expect(through).toEqual(direct);
    });
  }

  it('listens and notifies', async () => {
    const sql = connect('gateway');
    const { promise, resolve } = Promise.withResolvers<string>();
    await sql.listen('news', resolve);
    await sql.notify('news', 'payload ✓');
    expect(await promise).toBe('payload ✓');
    await sql.end({ timeout: 5 });
  });

  it('cancels a running statement', async () => {
    const sql = connect('gateway');
    const running = sql`SELECT pg_sleep(61)`.execute();
    const outcome = running.catch(failure);
    await eventually('the server runs the statement', async () => {
      const found = await gateway.postgres.query(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(61)'",
      );
      return found.length === 1;
    });
    running.cancel();
    expect(await outcome).toMatchObject({ code: '57014' });
    expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
    await sql.end({ timeout: 5 });
  });
});

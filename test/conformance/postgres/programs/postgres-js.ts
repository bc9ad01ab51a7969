// postgres.js: simple queries, prepared and unprepared ones in pipelines, cursors, COPY, transactions, cancel.

import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import type postgres from 'postgres';
import connectPostgres from 'postgres';

import { messageFields } from '../../../support/corpus.ts';
import { connectionParts, givenStatements, tell, tellVersion } from './telling.ts';

type Sql = postgres.Sql;

const manifest = createRequire(import.meta.resolve('postgres'))('../package.json') as {
  readonly version: string;
};

const failure = (error: unknown): object => messageFields(error as object);

const connect = (notices: object[] = []): Sql =>
  connectPostgres({
    ...connectionParts(),
    max: 1,
    onnotice: (notice) => notices.push(messageFields(notice)),
  });

const modes = {
  simple: (sql: Sql, statement: string) => sql.unsafe(statement).simple(),
  unprepared: (sql: Sql, statement: string) => sql.unsafe(statement, []),
  prepared: (sql: Sql, statement: string) => sql.unsafe(statement, [], { prepare: true }),
};

async function corpus(statements: readonly string[]): Promise<void> {
  for (const [mode, ask] of Object.entries(modes)) {
    const notices: object[] = [];
    const sql = connect(notices);
    for (const statement of statements) {
      notices.length = 0;
      const answer = await ask(sql, statement).then((result) => [...result], failure);
      tell(mode, statement, [answer, [...notices]]);
    }
    await sql.end();
  }
}

const exercises: Readonly<Record<string, (sql: Sql) => Promise<unknown>>> = {
  'values of many types': (sql) =>
    sql`SELECT ${7}::int AS i, ${'ünï ✓'}::text AS t, ${null}::text AS n, ${[1, 2]}::int[] AS a,
      ${sql.json({ a: [1] })}::jsonb AS j, ${Buffer.of(0, 255)}::bytea AS b, ${true}::bool AS ok,
      ${new Date(0)}::timestamptz AS at`,
  'a pipeline with errors in it': (sql) =>
    Promise.all(
      Array.from({ length: 200 }, (_unused, n) =>
        sql`SELECT 10 / (${n}::int % 3) AS q`.then((rows) => [...rows], failure),
      ),
    ),
  'a transaction that fails in a savepoint': (sql) =>
    sql.begin(async (tx) => {
      await tx`CREATE TEMP TABLE outermost AS SELECT 1 AS a`;
      const failed = await tx.savepoint((inner) => inner`SELECT 1 / 0`).catch(failure);
      return [failed, await tx`TABLE outermost`];
    }),
  'a cursor of seven rows at a time': async (sql) => {
    const sizes: number[] = [];
    await sql`SELECT * FROM generate_series(1, 50)`.cursor(7, (rows) => {
      sizes.push(rows.length);
    });
    return sizes;
  },
  'a cursor that is closed early': async (sql) => {
    const first: unknown[] = [];
    for await (const rows of sql`SELECT * FROM generate_series(1, 50)`.cursor(5)) {
      first.push(rows);
      break;
    }
    return [first, await sql`SELECT 'next' AS next`];
  },
  'COPY in and out': async (sql) => {
    await sql`CREATE TEMP TABLE copied (a int, b text)`;
    const lines = Array.from({ length: 5000 }, (_unused, i) => `${i}\tline ${i} ✓\n`);
    await pipeline(Readable.from(lines), await sql`COPY copied FROM STDIN`.writable());
    return text(await sql`COPY (TABLE copied ORDER BY a) TO STDOUT`.readable());
  },
  'a notification': async (sql) => {
    const heard = Promise.withResolvers<string>();
    await sql.listen('news', heard.resolve);
    await sql.notify('news', 'payload ✓');
    return heard.promise;
  },
};

tellVersion(manifest.version);
await corpus(await givenStatements());
for (const [name, exercise] of Object.entries(exercises)) {
  const sql = connect();
  tell('exercises', name, await exercise(sql).catch(failure));
  await sql.end({ timeout: 5 });
}

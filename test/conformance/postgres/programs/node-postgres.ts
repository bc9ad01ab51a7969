// node-postgres: simple and extended queries, named statements, binary results, portals, notifications, cancel.

import { once } from 'node:events';
import { createRequire } from 'node:module';

import pg from 'pg';

import { answersOf, messageFields } from '../../../support/corpus.ts';
import { connectionParts, givenStatements, tell, tellVersion } from './telling.ts';

const manifest = createRequire(import.meta.url)('pg/package.json') as { readonly version: string };

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ ...connectionParts(), application_name: 'test' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const failure = (error: unknown): object => messageFields(error as object);

const rowsOf = (client: pg.Client, query: pg.QueryConfig): Promise<unknown> =>
  client.query<object>(query).then(({ rows, rowCount }) => ({ rows, rowCount }), failure);

async function values(client: pg.Client): Promise<void> {
  const given = [7, 'zwölf ✓', null, true, [1, 2], { a: [1] }, Buffer.of(0, 255), 1.25];
  const text =
    'SELECT $1::int, $2::text, $3::text, $4::bool, $5::int[], $6::jsonb, $7::bytea, $8::float8';
  tell('values', 'many types', await rowsOf(client, { text, values: given }));
  for (let n = 0; n < 12; n += 1) {
    const named = { name: 'quotient', text: 'SELECT 100 / ($1::int - 8) AS q', values: [n] };
    tell('values', `a named statement, ${n}`, await rowsOf(client, named));
  }
  const binary = { text: 'SELECT 1::int8, $1::bytea, $2::float8', values: ['\\x01', 2.5] };
  tell('values', 'binary results', await rowsOf(client, { ...binary, ...{ binary: true } }));
  const portal = { text: 'SELECT i FROM generate_series(1, 40) i', rows: 7 };
  tell('values', 'the first rows of a portal', await rowsOf(client, portal));
  const queued = Array.from({ length: 300 }, (_unused, n) =>
    rowsOf(client, { text: 'SELECT 6 / ($1::int % 7) AS n', values: [n] }),
  );
  tell('values', 'three hundred at once', await Promise.all(queued));
}

async function asynchronous(client: pg.Client): Promise<void> {
  const sender = await connect();
  await client.query('LISTEN news');
  const heard = once(client, 'notification');
  await sender.query("NOTIFY news, 'payload ✓'");
  const [{ channel, payload }] = (await heard) as [pg.Notification];
  tell('asynchronous', 'a notification', { channel, payload });
  await client.query("SET statement_timeout = '300ms'");
  const late = await rowsOf(client, { text: 'SELECT pg_sleep(77)' });
  tell('asynchronous', 'a statement out of time', late);
  const ended = new Promise((resolve) => client.once('end', resolve));
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await client.query('RESET statement_timeout');
  const running = rowsOf(client, { text: 'SELECT pg_sleep(77)' });
  await sender.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  tell('asynchronous', 'a session that the server ends', await running);
  await ended;
  await sender.end();
}

tellVersion(manifest.version);
const statements = await givenStatements();
for (const mode of ['simple', 'extended'] as const) {
  const client = await connect();
  for (const { sql, ...answer } of await answersOf(client, mode, statements)) {
    tell(mode, sql, answer);
  }
  await client.end();
}
const client = await connect();
await values(client);
await asynchronous(client);

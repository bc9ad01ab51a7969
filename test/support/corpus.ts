// Statements whose answers through the gateway must be those of the server itself, and how to compare them.

import { once } from 'node:events';

import type pg from 'pg';

export const corpusSetup = `
CREATE TABLE things (
  id int PRIMARY KEY,
  name text NOT NULL,
  amount numeric(10, 2) CHECK (amount >= 0),
  tags text[],
  doc jsonb,
  raw bytea,
  at timestamptz,
  ok boolean
);
INSERT INTO things VALUES
  (1, 'plain', 1.50, '{a,b}', '{"k": [1, null]}', '\\x0001ff', '2026-01-02 03:04:05+00', true),
  (2, 'ünïcödé ✓ 漢字 🚪', 0, '{}', '{}', '', NULL, false),
  (3, 'quote '' and "double"', NULL, NULL, NULL, NULL, 'infinity', NULL),
  (4, '', 99999999.99, '{NULL,"with,comma"}', '"text"', '\\xdeadbeef', '1999-12-31 23:59:59.999999+00', true);
CREATE TABLE parts (thing int REFERENCES things, part text UNIQUE, PRIMARY KEY (thing, part));
INSERT INTO parts VALUES (1, 'wheel'), (1, 'door'), (2, 'Tür');
CREATE VIEW cheap AS SELECT id, name FROM things WHERE amount < 10;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE FUNCTION fails(text) RETURNS int LANGUAGE plpgsql AS
  'BEGIN RAISE EXCEPTION USING MESSAGE = $1, ERRCODE = ''SP001'', DETAIL = ''a detail'', HINT = ''a hint''; END';
GRANT ALL ON ALL TABLES IN SCHEMA public TO gateway;
`;

/** Run in this order on one connection; what they change is rolled back or temporary. */
export const corpus: readonly string[] = [
  'SELECT 1',
  'SELECT 1 AS one, 2.5 AS two, NULL AS nothing, true AS yes',
  "SELECT 'text'::text, 'c'::\"char\", 'name'::name, 42::int8, 1.5::float8, 'NaN'::float4",
  'SELECT',
  'SELECT * FROM things ORDER BY id',
  'SELECT t.*, p.part FROM things t JOIN parts p ON p.thing = t.id ORDER BY p.part',
  'SELECT name AS alias, amount * 2 AS double FROM things WHERE ok ORDER BY id',
  'SELECT * FROM cheap ORDER BY id',
  'SELECT count(*), sum(amount), avg(amount), min(name), array_agg(id ORDER BY id) FROM things',
  'SELECT ok, count(*) FROM things GROUP BY ok ORDER BY ok NULLS LAST',
  "SELECT ARRAY[1,2,NULL], ARRAY[['a','b'],['c','d']], '{}'::int[]",
  'SELECT \'{"a": {"b": [1, "zwei"]}}\'::json, \'{"z": 1, "a": 2}\'::jsonb',
  "SELECT doc -> 'k' -> 0, doc ->> 'k' FROM things ORDER BY id",
  "SELECT '\\x00ff'::bytea, decode('aGVsbG8=', 'base64'), E'\\\\x41'::bytea",
  "SELECT 'ünïcödé ✓ 漢字 🚪', U&'\\00e9', E'tab\\tnewline\\n', $tag$dollar ' quoted$tag$",
  "SELECT '2026-02-28'::date, '12:34:56.789'::time, '1 year 2 mons 3 days'::interval",
  "SELECT timestamptz '2026-06-01 12:00+02', 'infinity'::timestamp",
  "SELECT '1.2.3.4/24'::cidr IS NULL",
  "SELECT '10.0.0.0/8'::cidr, '::1'::inet, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
  "SELECT 'happy'::mood, int4range(1, 5), '(1,2)'::point, ROW(1, 'a', NULL)",
  'SELECT 12345678901234567890.123456789::numeric, -0.0::float8, 1e300::float8',
  "SELECT repeat('wide', 20000)",
  'SELECT generate_series(1, 500)',
  'WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n',
  'SELECT id, row_number() OVER (ORDER BY id DESC) FROM things ORDER BY id',
  'VALUES (1, $$a$$), (2, NULL)',
  'TABLE parts',
  'SELECT 1 UNION SELECT 2 ORDER BY 1',
  'SELECT id FROM things WHERE false',
  'EXPLAIN (COSTS OFF) SELECT * FROM things WHERE id = 1',
  'SHOW server_version',
  'SHOW transaction_isolation',
  'SELECT current_database(), current_user, session_user',
  "SELECT relname FROM pg_catalog.pg_class WHERE relname = 'things'",
  '',
  ';',
  ' -- only a comment',
  '/* a /* nested */ comment */ SELECT 1 -- and more',
  'SELECT 1; SELECT 2, 3; SELECT 4 WHERE false',
  'SELECT 1; SELECT 1/0; SELECT 2',
  'SELECT * FROM nowhere',
  'SELECT missing FROM things',
  'SELECT 1/0',
  "SELECT 'x'::int",
  "SELECT fails('custom error ✓')",
  'SELECT nofunction(1)',
  'INSERT INTO things (id) VALUES (9)',
  "INSERT INTO things (id, name) VALUES (1, 'again')",
  "INSERT INTO things (id, name, amount) VALUES (9, 'negative', -1)",
  "INSERT INTO parts VALUES (77, 'orphan')",
  'BEGIN',
  "INSERT INTO things (id, name) VALUES (10, 'new'), (11, 'newer') RETURNING id, name, ok",
  'UPDATE things SET amount = coalesce(amount, 0) + 1 WHERE id < 3 RETURNING *',
  "INSERT INTO parts VALUES (1, 'door') ON CONFLICT DO NOTHING",
  'DELETE FROM parts WHERE thing = 2',
  'SAVEPOINT s',
  'SELECT 1/0',
  'SELECT 1',
  'ROLLBACK TO SAVEPOINT s',
  'SELECT count(*) FROM things',
  'DECLARE c CURSOR FOR SELECT generate_series(1, 10)',
  'FETCH 3 FROM c',
  'MOVE 2 FROM c',
  'FETCH ALL FROM c',
  'CLOSE c',
  'ROLLBACK',
  'ROLLBACK',
  'COMMIT',
  'BEGIN; SELECT 1/0; COMMIT',
  'COMMIT',
  'BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY',
  "INSERT INTO things (id, name) VALUES (12, 'refused')",
  'COMMIT',
  "DO $$ BEGIN RAISE NOTICE 'hello %', 'wörld' USING HINT = 'hint'; RAISE WARNING 'careful'; END $$",
  'CREATE TEMP TABLE mine (a int, b text)',
  "INSERT INTO mine SELECT i, 'row ' || i FROM generate_series(1, 20) i",
  'SELECT * FROM mine ORDER BY a LIMIT 3 OFFSET 1',
  'DROP TABLE mine',
  'DROP TABLE IF EXISTS mine',
  "SET statement_timeout = '5s'",
  'SHOW statement_timeout',
  'RESET statement_timeout',
  "SET application_name = 'renamed'",
  'LISTEN a_channel',
  'UNLISTEN *',
];

/** No SQL, so it is refused without asking the server: code and state must be the server's all the same. */
export const malformed: readonly string[] = [
  'SELEKT 1',
  'SELECT * FROM things WHERE',
  "SELECT 'unterminated",
  'SELECT 1; SELEKT 2',
  'BEGIN',
  'SELECT (1',
  'SELECT 1',
  'ROLLBACK',
];

/** What a client sees of one statement: everything but what differs between any two connections. */
export interface Answer {
  readonly sql: string;
  readonly results: readonly object[];
  readonly error: MessageFields | null;
  readonly notices: readonly MessageFields[];
  /** As ReadyForQuery said it: `I`, `T` or `E`. */
  readonly transaction: string | null;
}

export type Mode = 'simple' | 'extended';

/** Asks one connection; values stay as the server spelled them. */
export async function answersOf(
  client: pg.Client,
  mode: Mode,
  statements: readonly string[] = corpus,
): Promise<readonly Answer[]> {
  let notices: MessageFields[] = [];
  client.on('notice', (notice) => notices.push(messageFields(notice)));
  const answers: Answer[] = [];
  for (const sql of statements) {
    notices = [];
    // A failed query is rejected before ReadyForQuery tells the state of the transaction.
    const ready = once(client, 'drain');
    const outcome = await ask(client, mode, sql);
    await ready;
    answers.push({ sql, ...outcome, notices, transaction: client.getTransactionStatus() });
  }
  return answers;
}

async function ask(
  client: pg.Client,
  mode: Mode,
  sql: string,
): Promise<Pick<Answer, 'results' | 'error'>> {
  const types = { getTypeParser: () => (value: unknown) => value };
  // The types know neither `queryMode` nor that several statements give several results.
  const query: pg.QueryArrayConfig = { text: sql, rowMode: 'array', types };
  if (mode === 'extended') Object.assign(query, { queryMode: mode });
  try {
    const results: readonly pg.QueryArrayResult[] = [await client.query(query)].flat();
    return { results: results.map(resultFields), error: null };
  } catch (error) {
    return { results: [], error: messageFields(error as object) };
  }
}

function resultFields({ command, rowCount, rows, fields }: pg.QueryArrayResult): object {
  const shape = fields.map(({ name, tableID, columnID, dataTypeID, dataTypeModifier, format }) => ({
    ...{ name, columnID, dataTypeID, dataTypeModifier, format },
    hasTable: tableID !== 0,
  }));
  return { command, rowCount, rows, fields: shape };
}

const messageKeys = [
  ...['severity', 'code', 'message', 'detail', 'hint', 'position', 'internalPosition'],
  ...['internalQuery', 'where', 'schema', 'table', 'column', 'dataType', 'constraint'],
  ...['file', 'line', 'routine'],
];

export type MessageFields = Readonly<Record<string, string>>;

/** The fields of an ErrorResponse or NoticeResponse that are there. */
export function messageFields(message: object): MessageFields {
  const fields = message as Readonly<Record<string, unknown>>;
  const present = messageKeys.filter((key) => fields[key] !== undefined);
  return Object.fromEntries(present.map((key) => [key, String(fields[key])]));
}

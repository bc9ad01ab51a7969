// A catalog that was brought up to date again and again must be the one that is read anew: over every kind of change that
// names, origins and masks depend on, over transactions that end out of order, and over random ones of these.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';

import { Secret } from '#engine/secrets';
import { startPostgres } from '#lab';
import type { PostgresServer } from '#lab';

import { CatalogConnection } from '../../hosts/postgres/catalog/connection.ts';
import { CatalogReader } from '../../hosts/postgres/catalog/reader.ts';
import { rowsOf } from '../../hosts/postgres/sql/index.ts';
import type { CatalogFacts } from '../../hosts/postgres/sql/index.ts';
import type { UpstreamTarget } from '../../hosts/postgres/upstream.ts';
import { connectUpstream } from '../../hosts/postgres/upstream.ts';

const base = `
CREATE SCHEMA s0; CREATE SCHEMA s1;
CREATE TABLE t0 (id int PRIMARY KEY, a text, b text);
CREATE TABLE t1 (id int, a text, b text);
CREATE TABLE t2 (id int, a text, g text GENERATED ALWAYS AS (lower(a)) STORED);
CREATE TABLE plain (id int, a text);
CREATE TABLE p (id int, a text) PARTITION BY RANGE (id);
CREATE TABLE p0 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TYPE mood AS ENUM ('x'); CREATE TYPE pair AS (a int, b text); CREATE DOMAIN d AS text;
CREATE FUNCTION f0(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW v0 AS SELECT id, a FROM t0;
CREATE VIEW v1 AS SELECT * FROM v0;
CREATE VIEW v2 AS SELECT t0.id, t1.a FROM t0 JOIN t1 ON t0.id = t1.id;
CREATE VIEW v3 AS SELECT f0(id) AS x, 'x'::mood AS m, NULL::t1 AS r, (NULL::pair).b AS c FROM t2;
CREATE MATERIALIZED VIEW m0 AS SELECT id, g FROM t2;
CREATE RULE r0 AS ON INSERT TO t1 DO ALSO UPDATE t0 SET a = new.a;
`;

let server: PostgresServer;
/** Two sessions past the gateway: one whose transactions stay open, one that commits at once. */
let slow: pg.Client;
let quick: pg.Client;
let reader: CatalogReader;
let connection: CatalogConnection;
let databases = 0;
let database = '';

const open = async (): Promise<pg.Client> => {
  const { host, port, superuser } = server;
  const client = new pg.Client({ host, port, database, ...superuser });
  await client.connect();
  return client;
};

const catalogConnection = (): CatalogConnection => {
  const { host, port, superuser } = server;
  const config: UpstreamTarget['config'] = {
    ...{ name: 'app', labels: {}, host, port, database },
    kind: 'postgres',
    tls: { kind: 'insecure-plaintext' },
    credential: { user: superuser.user, password: { env: 'NONE' } },
    insecurePrivilegedRole: true,
  };
  const target = { config, password: new Secret(superuser.password), ca: undefined };
  const connect = () => connectUpstream(target, database, []);
  return new CatalogConnection({ connect, beforeClosing: () => Promise.resolve() });
};

const always = () => true;

/** As a gateway does whose connection stays. */
const readAgain = (isLast = false, mustRead = false): Promise<CatalogFacts | undefined> =>
  connection.run((asker) => reader.read(asker, { accepts: always, mustRead, isLast }));

/** As a gateway does that starts. */
const readAnew = (): Promise<CatalogFacts | undefined> =>
  connection.run((asker) =>
    new CatalogReader().read(asker, { accepts: always, mustRead: false, isLast: false }),
  );

const sorted = (facts: CatalogFacts | undefined): readonly (readonly string[])[] =>
  facts === undefined
    ? []
    : rowsOf(facts).map((rows) => Array.from(rows, (row) => JSON.stringify(row)).sort());

const expectSame = async (): Promise<void> => {
  const again = sorted(await readAgain());
  expect(again).toEqual(sorted(await readAnew()));
};

/** Statements may fail: what they change then must be nothing. */
const attempt = async (client: pg.Client, text: string): Promise<void> => {
  await client.query(text).catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError)) throw error;
  });
};

beforeAll(async () => {
  const settings = { max_prepared_transactions: '4', lock_timeout: '100ms' };
  server = await startPostgres({ settings });
});
afterAll(() => server.stop());

const start = async (): Promise<void> => {
  database = `app${(databases += 1)}`;
  await server.query(`CREATE DATABASE ${database}`);
  [slow, quick] = [await open(), await open()];
  await quick.query(base);
  reader = new CatalogReader();
  connection = catalogConnection();
  await readAgain();
};
const end = async (): Promise<void> => {
  await slow.end();
  await quick.end();
};
beforeEach(start);
afterEach(end);

const changes: readonly (readonly [string, string])[] = [
  ['a new table', 'CREATE TABLE t9 (id int, a text)'],
  ['a dropped table', 'DROP TABLE t2 CASCADE'],
  ['one dropped, one made', 'DROP VIEW v1; CREATE VIEW v9 AS SELECT 1 AS one'],
  ['a new column', 'ALTER TABLE t0 ADD COLUMN c int'],
  ['a dropped column', 'ALTER TABLE t1 DROP COLUMN b'],
  ['a renamed column beneath views', 'ALTER TABLE t0 RENAME COLUMN a TO z'],
  ['a renamed table beneath views', 'ALTER TABLE t0 RENAME TO z'],
  ['two columns that swap names', swap('COLUMN a', 'COLUMN b', 'ALTER TABLE t0')],
  ['a table in another schema', 'ALTER TABLE t0 SET SCHEMA s0'],
  ['a schema of another name', 'ALTER TABLE t0 SET SCHEMA s0; ALTER SCHEMA s0 RENAME TO s9'],
  ['a new schema', 'CREATE SCHEMA s9; CREATE TABLE s9.t0 (a int)'],
  ['a dropped schema', 'DROP SCHEMA s1'],
  ['a column of another type', 'ALTER TABLE t1 ALTER COLUMN b TYPE int USING 1'],
  ['a replaced view', 'CREATE OR REPLACE VIEW v0 AS SELECT id, b AS a FROM t0'],
  ['a view whose column is renamed', 'ALTER VIEW v0 RENAME COLUMN a TO z'],
  ['a refreshed view', 'REFRESH MATERIALIZED VIEW m0'],
  ['a view that reads statistics', 'CREATE VIEW v9 AS SELECT most_common_vals::text FROM pg_stats'],
  ['a view that runs SQL', "CREATE VIEW v9 AS SELECT query_to_xml('SELECT 1', true, true, '')"],
  ['a new rule', 'CREATE RULE r9 AS ON DELETE TO t2 DO ALSO DELETE FROM t1'],
  ['a dropped rule', 'DROP RULE r0 ON t1'],
  [
    'one rule dropped, one made',
    'DROP RULE r0 ON t1; CREATE RULE r9 AS ON DELETE TO t2 DO ALSO DELETE FROM t1',
  ],
  ['a new partition', 'CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (10) TO (20)'],
  ['a detached partition', 'ALTER TABLE p DETACH PARTITION p0'],
  ['an heir', 'CREATE TABLE h (x int) INHERITS (t0)'],
  ['an heir no more', 'CREATE TABLE h (x int) INHERITS (t0); ALTER TABLE h NO INHERIT t0'],
  [
    'a new generated column',
    'ALTER TABLE t1 ADD COLUMN g text GENERATED ALWAYS AS (a || b) STORED',
  ],
  ['a generated column that is plain', 'ALTER TABLE t2 ALTER COLUMN g DROP EXPRESSION'],
  ['a default', "ALTER TABLE t1 ALTER COLUMN a SET DEFAULT 'x'"],
  ['a new function', "CREATE FUNCTION lower(int) RETURNS int LANGUAGE sql AS 'SELECT 1'"],
  ['a function of another name beneath a view', 'ALTER FUNCTION f0 RENAME TO f9'],
  ['a dropped function', 'DROP FUNCTION f0 CASCADE'],
  ['an operator', 'CREATE OPERATOR @@@ (leftarg = int, rightarg = int, function = int4pl)'],
  ['a type of another name beneath a view', 'ALTER TYPE mood RENAME TO moods'],
  ['an attribute of another name beneath a view', 'ALTER TYPE pair RENAME ATTRIBUTE b TO z'],
  ['a table of another name whose type is beneath a view', 'ALTER TABLE t1 RENAME TO z'],
  ['a dropped type', 'DROP DOMAIN d'],
  ['a cast', 'CREATE CAST (mood AS int) WITH FUNCTION f1(mood)'],
  ['a temporary table', 'CREATE TEMP TABLE t0 (a int); CREATE TEMP VIEW v0 AS SELECT 1 AS a'],
  ['an index', 'CREATE INDEX ON t0 (a)'],
  ['an emptied table', 'TRUNCATE t0'],
  ['a right', 'GRANT SELECT ON t0 TO PUBLIC; GRANT USAGE ON SCHEMA s0 TO PUBLIC'],
  ['a sequence', 'CREATE SEQUENCE q9; ALTER SEQUENCE q9 RENAME TO q8'],
];

function swap(one: string, other: string, of: string): string {
  const [sort = '', name = ''] = one.split(' ');
  return `${of} RENAME ${one} TO tmp; ${of} RENAME ${other} TO ${name}; ${of} RENAME ${sort} tmp TO ${other.split(' ')[1]}`;
}

describe('a catalog that is brought up to date', () => {
  it.each(changes)('knows of %s', async (_name, text) => {
    await quick.query(`CREATE FUNCTION f1(mood) RETURNS int LANGUAGE sql AS 'SELECT 1'`);
    await expectSame();
    await quick.query(text);
    await expectSame();
  });

  it('is the same object while nothing changes that it is made of', async () => {
    const before = await readAgain();
    await quick.query('CREATE INDEX ON t0 (a); TRUNCATE t1; GRANT SELECT ON t0 TO PUBLIC; ANALYZE');
    expect(await readAgain()).toBe(before);
  });

  it('knows what a transaction did that began before others and ended after them', async () => {
    await slow.query('BEGIN; ALTER TABLE plain RENAME a TO b');
    await quick.query('CREATE TABLE late (a int)');
    await expectSame();
    await slow.query('CREATE VIEW on_plain AS SELECT b FROM plain');
    await expectSame();
    await slow.query('COMMIT');
    await expectSame();
  });

  it('knows what subtransactions did, whose ids lie between those of others', async () => {
    await slow.query('BEGIN; CREATE TABLE early (a int)');
    await quick.query('CREATE TABLE late (a int)');
    await slow.query('SAVEPOINT s; ALTER TABLE plain RENAME a TO b; ALTER TABLE p RENAME a TO b');
    await quick.query('ALTER TABLE late RENAME a TO b');
    await expectSame();
    await slow.query('SAVEPOINT s2; DROP VIEW v1; ROLLBACK TO s2; RELEASE s');
    await expectSame();
    await slow.query('COMMIT');
    await expectSame();
  });

  it('knows what a prepared transaction did, and nothing of one that is rolled back', async () => {
    await slow.query("BEGIN; ALTER TABLE plain RENAME a TO b; PREPARE TRANSACTION 'one'");
    await slow.query("BEGIN; CREATE TABLE never (a int); PREPARE TRANSACTION 'two'");
    await quick.query('CREATE TABLE late (a int)');
    await expectSame();
    await slow.query("COMMIT PREPARED 'one'");
    await expectSame();
    await slow.query("ROLLBACK PREPARED 'two'");
    await expectSame();
  });

  it('is whole after many changes at once', async () => {
    await quick.query(`DO $$ BEGIN FOR i IN 1..1200 LOOP
      EXECUTE format('CREATE FUNCTION many%s(int) RETURNS int LANGUAGE sql AS ''SELECT 1''', i);
    END LOOP; END $$`);
    await expectSame();
  });

  it('is kept over connections as long as the target has the same', async () => {
    const before = await readAgain(true);
    connection = catalogConnection();
    expect(await readAgain()).toBe(before);
    await readAgain(true);
    connection = catalogConnection();
    await quick.query('ALTER TABLE t0 RENAME COLUMN a TO z');
    await expectSame();
  });

  it('is read anew over connections where that cannot be compared', async () => {
    await readAgain(true);
    await quick.query('CREATE TEMP TABLE scratch (a int)');
    connection = catalogConnection();
    await readAgain(false, true);
    await expectSame();
    await slow.query('CREATE TABLE t8 (a int)');
    connection = catalogConnection();
    await expectSame();
  });
});

/** In transactions that stay open: on relations of their own, as a lock on another would stop the reader of its views. */
const slowly: readonly string[] = [
  ...[
    'BEGIN',
    'BEGIN',
    'COMMIT',
    'COMMIT',
    'ROLLBACK',
    'SAVEPOINT s',
    'ROLLBACK TO s',
    'RELEASE s',
  ],
  ...["PREPARE TRANSACTION 'one'", "COMMIT PREPARED 'one'", "ROLLBACK PREPARED 'one'"],
  ...[
    'CREATE TABLE own (id int, a text)',
    'CREATE VIEW vown AS SELECT * FROM own',
    'DROP VIEW vown',
  ],
  ...['own', 'plain', 'plain'].flatMap((name) => [
    `ALTER TABLE ${name} RENAME a TO b`,
    `ALTER TABLE ${name} RENAME b TO a`,
  ]),
  'DROP TABLE own CASCADE',
  ...['CREATE TYPE hue AS ENUM ()', 'DROP TYPE hue', 'CREATE TEMP TABLE t5 (a int)'],
  ...["CREATE FUNCTION upper(int) RETURNS int LANGUAGE sql AS ''", 'DROP FUNCTION upper(int)'],
];

const quickly: readonly string[] = [
  ...changes.map(([, text]) => text),
  ...['t0', 't1', 't2', 'p', 'p1', 'h', 's0.t0', 't9', 'z'].map(
    (name) => `DROP TABLE ${name} CASCADE`,
  ),
  ...['v0', 'v1', 'v2', 'v3', 'v9'].map((name) => `DROP VIEW ${name} CASCADE`),
  ...['t0', 'v0', 'v1', 't1'].map((name) => `ALTER TABLE ${name} RENAME COLUMN z TO a`),
  ...['t0', 'v0', 'p0'].map((name) => `ALTER TABLE z RENAME TO ${name}`),
  ...base.split(';'),
  ...['ALTER TABLE s0.t0 SET SCHEMA public', 'ALTER SCHEMA s9 RENAME TO s0', 'DROP RULE r9 ON t2'],
  ...[
    'DROP TABLE pg_temp.t0 CASCADE',
    'DROP SEQUENCE q8',
    'DROP CAST (mood AS int)',
    'DROP OPERATOR @@@ (int, int)',
  ],
  ...['VACUUM FULL pg_attribute', 'VACUUM FREEZE', 'ALTER TYPE moods RENAME TO mood'],
];

describe('random changes', () => {
  it('are known, whoever makes them', async () => {
    const step = fc.oneof(
      fc.record({ who: fc.constant('slow' as const), text: fc.constantFrom(...slowly) }),
      fc.record({ who: fc.constant('quick' as const), text: fc.constantFrom(...quickly) }),
    );
    const steps = fc.array(step, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        await end();
        await start();
        for (const { who, text } of all) {
          await attempt(who === 'slow' ? slow : quick, text);
          await expectSame();
        }
        await attempt(slow, 'ROLLBACK');
        await attempt(slow, "ROLLBACK PREPARED 'one'");
        await expectSame();
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});

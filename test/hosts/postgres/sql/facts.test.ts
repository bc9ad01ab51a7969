// What policies are told about a statement.

import { describe, expect, it } from '@jest/globals';

import { analyse } from '../../../../hosts/postgres/sql/index.ts';
import type { AnalysedStatement, PostgresFacts } from '../../../../hosts/postgres/sql/index.ts';
import { safe, shop } from './shop-catalog.ts';

const one = (text: string): AnalysedStatement => {
  const result = analyse(text, shop, safe);
  if (result.kind === 'refused') throw new Error(`${text}: ${result.message}`);
  expect(result.statements).toHaveLength(1);
  return result.statements[0]!;
};

// The schema public is left out, as people do.
const shortly = (name: string): string => name.replace(/^public\./, '');
const relationsOf = (facts: PostgresFacts): string =>
  facts.relations
    .map((relation) => `${relation.access === 'write' ? 'w:' : ''}${shortly(relation.name)}`)
    .join(' ');

// One statement a line: SQL → command; relations (w: written); columns; functions. A dash is none.
const rowsOf = (table: string): readonly (readonly [sql: string, expected: string])[] =>
  table
    .trim()
    .split('\n')
    .map((line) => [line.split(' → ')[0]!, line.split(' → ')[1]!]);

const selects = `
SELECT 1 → SELECT
TABLE users → SELECT; users; users.*
VALUES (1), (2) → SELECT
SELECT * FROM users → SELECT; users; users.*
SELECT email FROM users → SELECT; users; users.email
SELECT "email" FROM USERS → SELECT; users; users.email
SELECT u.email AS x FROM public.users u → SELECT; users; users.email
SELECT public.users.email FROM public.users → SELECT; users; users.email
SELECT shop.public.users.email FROM users → SELECT; users; users.email
SELECT b FROM users AS u (a, b) → SELECT; users; users.name
SELECT u.*, o.total FROM users u, orders o → SELECT; orders users; orders.total users.*
SELECT name, total FROM users JOIN orders ON user_id = users.id → SELECT; orders users; orders.total orders.user_id users.id users.name
SELECT total FROM users JOIN orders USING (id) → SELECT; orders users; orders.id orders.total users.id
SELECT 1 FROM users NATURAL JOIN contacts → SELECT; contacts users; contacts.email contacts.id users.email users.id
SELECT j.email FROM (users JOIN orders ON true) AS j → SELECT; orders users; users.email
SELECT count(*) FROM users → SELECT; users; -; count
SELECT pg_catalog.now(), "F"(1), current_user, current_date → SELECT; -; -; F current_date current_user pg_catalog.now
SELECT "pg_catalog.now"() → SELECT; -; -; "pg_catalog.now"
SELECT users FROM users → SELECT; users; users.*
SELECT u.leak FROM users u → SELECT; users; users.*; leak
SELECT (u).email FROM users u → SELECT; users; users.* users.email
SELECT (u.x).leak FROM users u → SELECT; users; users.*; leak x
SELECT id FROM notes → SELECT; crm.notes notes; crm.notes.id notes.id
SELECT author FROM notes → SELECT; crm.notes notes; crm.notes.author
SELECT id FROM crm.notes → SELECT; crm.notes; crm.notes.id
SELECT id FROM pg_temp.scratch → SELECT; pg_temp.scratch; pg_temp.scratch.id
SELECT id FROM pg_temp_3.scratch → SELECT; pg_temp.scratch; pg_temp.scratch.id
SELECT id FROM scratch → SELECT; pg_temp.scratch; pg_temp.scratch.id
SELECT x FROM nowhere → SELECT; nowhere; nowhere.x
SELECT x FROM far.nowhere → SELECT; far.nowhere; far.nowhere.x
SELECT relname FROM pg_class → SELECT; pg_catalog.pg_class; pg_catalog.pg_class.relname
SELECT id FROM (SELECT id, email FROM users) s → SELECT; users; users.email users.id
SELECT (SELECT max(total) FROM orders WHERE user_id = u.id) FROM users u → SELECT; orders users; orders.total orders.user_id users.id; max
SELECT (SELECT email FROM orders) FROM users → SELECT; orders users; users.email
SELECT (SELECT email FROM contacts) FROM users → SELECT; contacts users; contacts.email
SELECT (SELECT x FROM contacts c, (SELECT email AS x) s) FROM users → SELECT; contacts users; users.email
SELECT (SELECT x FROM contacts c, LATERAL (SELECT email AS x) s) FROM users → SELECT; contacts users; contacts.email
SELECT 1 WHERE EXISTS (SELECT 1 FROM hr.salaries WHERE amount > ALL (SELECT total FROM orders)) → SELECT; hr.salaries orders; hr.salaries.amount orders.total
WITH u AS (SELECT email FROM users) SELECT email FROM u → SELECT; users; users.email
WITH users AS (SELECT id FROM users) SELECT id FROM users → SELECT; users; users.id
WITH users AS (SELECT 1 AS id) SELECT id FROM users → SELECT
WITH users AS (SELECT 1 AS id) SELECT id FROM public.users → SELECT; users; users.id
SELECT 1 FROM (WITH users AS (SELECT 1) SELECT * FROM users) s, users → SELECT; users
WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a → SELECT; b; b.*
WITH RECURSIVE a AS (SELECT id FROM users UNION SELECT id FROM a) SELECT * FROM a → SELECT; users; users.id
SELECT id FROM users UNION SELECT id FROM orders ORDER BY 1 → SELECT; orders users; orders.id users.id
SELECT name FROM users ORDER BY lower(email) → SELECT; users; users.email users.name; lower
SELECT name AS n FROM users GROUP BY n HAVING max(ssn) > $1 → SELECT; users; users.name users.ssn; max
SELECT id FROM users FOR UPDATE OF users → SELECT; users; users.id
SELECT * FROM leak(1) AS f (email) → SELECT; -; -; leak
SELECT * FROM users, LATERAL leak(users.ssn) f → SELECT; users; users.* users.ssn; leak
SELECT * FROM ROWS FROM (leak(1), generate_series(1, 2)) f → SELECT; -; -; generate_series leak
SELECT * FROM json_table((SELECT note FROM orders), '$' COLUMNS (x int)) t → SELECT; orders; orders.note
SELECT * FROM users TABLESAMPLE system (10) → SELECT; users; users.*
SELECT coalesce(email, name) FROM users → SELECT; users; users.email users.name
SELECT CASE WHEN ssn IS NULL THEN 1 END FROM users → SELECT; users; users.ssn
SELECT sum(total) FILTER (WHERE note = $1) OVER (PARTITION BY user_id ORDER BY id) FROM orders → SELECT; orders; orders.id orders.note orders.total orders.user_id; sum
SELECT ARRAY(SELECT email FROM users) → SELECT; users; users.email
SELECT xmlelement(name a, email) FROM users → SELECT; users; users.email
SELECT 'users'::regclass, 'SELECT email FROM users' → SELECT
SELECT email INTO copied FROM users → SELECT INTO; w:copied users; users.email
`;

const writes = `
INSERT INTO users (id, email) VALUES (1, 'x') → INSERT; w:users; users.email users.id
INSERT INTO users DEFAULT VALUES → INSERT; w:users; users.*
INSERT INTO contacts SELECT id, email FROM users → INSERT; w:contacts users; contacts.* users.email users.id
INSERT INTO users (id) VALUES (1) RETURNING email → INSERT; users w:users; users.email users.id
INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE users.ssn IS NULL → INSERT; users w:users; users.id users.name users.ssn
WITH users AS (SELECT 1) INSERT INTO users SELECT * FROM users → INSERT; w:users; users.*
UPDATE users SET name = 'x' → UPDATE; w:users; users.name
UPDATE users u SET (name, email) = (SELECT note, total FROM orders WHERE user_id = u.id) → UPDATE; orders users w:users; orders.note orders.total orders.user_id users.email users.id users.name
UPDATE users SET name = o.note FROM orders o WHERE o.user_id = users.id → UPDATE; orders users w:users; orders.note orders.user_id users.id users.name
DELETE FROM users → DELETE; w:users
DELETE FROM users USING orders WHERE orders.user_id = users.id RETURNING old.email → DELETE; orders users w:users; orders.user_id users.email users.id
MERGE INTO users t USING contacts s ON t.id = s.id WHEN MATCHED THEN UPDATE SET email = s.email WHEN NOT MATCHED THEN DO NOTHING → MERGE; contacts users w:users; contacts.email contacts.id users.email users.id
WITH d AS (DELETE FROM orders WHERE id = 1 RETURNING total) SELECT total FROM d → SELECT; orders w:orders; orders.id orders.total
TRUNCATE users, orders → TRUNCATE; w:orders w:users
COPY users TO STDOUT → COPY; users; users.*
COPY users (id, email) FROM STDIN → COPY; w:users; users.email users.id
COPY (SELECT email FROM users) TO STDOUT → COPY; users; users.email
LOCK TABLE users IN SHARE MODE → LOCK; w:users
`;

const others = `
CREATE TABLE x (id int DEFAULT leak(1), u int REFERENCES users) → CREATE TABLE; users w:x; -; leak
CREATE TABLE x (LIKE users) INHERITS (contacts) → CREATE TABLE; contacts users w:x
CREATE TEMP TABLE x (id int) → CREATE TABLE; w:pg_temp.x
CREATE TABLE x AS SELECT email FROM users → CREATE TABLE AS; users w:x; users.email
CREATE MATERIALIZED VIEW x AS SELECT email FROM users → CREATE MATERIALIZED VIEW; users w:x; users.email
CREATE OR REPLACE VIEW x AS SELECT email FROM users → CREATE VIEW; users w:x; users.email
ALTER TABLE users ADD COLUMN a int DEFAULT leak(1) → ALTER TABLE; w:users; -; leak
ALTER TABLE users RENAME COLUMN email TO mail → ALTER TABLE; w:users
ALTER TABLE users REPLICA IDENTITY USING INDEX users_pkey → ALTER TABLE; w:users
ALTER TABLE contacts INHERIT users → ALTER TABLE; w:contacts w:users
ALTER VIEW v_users RENAME TO x → ALTER VIEW; w:v_users
ALTER TABLE users SET SCHEMA crm → ALTER TABLE; w:users
DROP TABLE users, crm.people → DROP TABLE; w:crm.people w:users
DROP MATERIALIZED VIEW mv_users → DROP MATERIALIZED VIEW; w:mv_users
DROP TRIGGER t ON users → DROP TRIGGER; w:users
DROP FUNCTION leak → DROP FUNCTION
CREATE INDEX ON users (lower(email)) → CREATE INDEX; w:users; -; lower
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1' → CREATE FUNCTION
CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT email FROM users; END → CREATE FUNCTION; users; users.email
CREATE RULE r AS ON INSERT TO orders DO ALSO DELETE FROM users WHERE id = 1 → CREATE RULE; w:orders users w:users; users.id
CREATE TRIGGER t AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION leak() → CREATE TRIGGER; w:users; -; leak
CREATE POLICY p ON users USING (id IN (SELECT user_id FROM orders)) → CREATE POLICY; orders w:users; orders.user_id
CREATE SCHEMA s CREATE TABLE x (id int) CREATE VIEW v AS SELECT * FROM users → CREATE SCHEMA; users w:v w:x; users.*
COMMENT ON COLUMN users.email IS 'x' → COMMENT; w:users
GRANT SELECT ON users TO bob → GRANT; w:users
REVOKE SELECT ON users FROM bob → REVOKE; w:users
VACUUM users → VACUUM; w:users
ANALYZE → ANALYZE
REFRESH MATERIALIZED VIEW mv_users → REFRESH MATERIALIZED VIEW; w:mv_users
EXPLAIN ANALYZE DELETE FROM users → EXPLAIN; w:users
DECLARE c CURSOR FOR SELECT email FROM users → DECLARE; users; users.email
FETCH ALL FROM c → FETCH
MOVE 5 FROM c → MOVE
CLOSE c → CLOSE
DO 'BEGIN END' → DO
CALL leak(1) → CALL; -; -; leak
SET work_mem = '1MB' → SET
RESET ALL → RESET
SHOW search_path → SHOW
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE → SET
BEGIN → BEGIN
START TRANSACTION READ ONLY → BEGIN
END → COMMIT
ABORT → ROLLBACK
ROLLBACK TO s → ROLLBACK TO
LISTEN x → LISTEN
NOTIFY x, 'y' → NOTIFY
DISCARD ALL → DISCARD
CREATE ROLE bob → CREATE ROLE
CREATE EXTENSION dblink → CREATE EXTENSION
`;

describe('facts', () => {
  it.each([selects, writes, others].flatMap(rowsOf))('%s', (sql, expected) => {
    const { facts } = one(sql);
    const parts = [
      facts.command,
      relationsOf(facts),
      facts.columns.map(shortly).join(' '),
      facts.functions.join(' '),
    ].map((part) => (part === '' ? '-' : part));
    while (parts.at(-1) === '-') parts.pop();
    expect(parts.join('; ')).toBe(expected);
  });

  it.each([
    ['SELECT 1 FROM users WHERE id = 1', true],
    ['SELECT 1 FROM users', false],
    ['SELECT 1 FROM users WHERE id = 1 UNION SELECT 2 FROM users', false],
    ['DELETE FROM users WHERE id = 1', true],
    ['DELETE FROM users', false],
    ['UPDATE users SET name = $1 WHERE CURRENT OF c', true],
    [
      'WITH d AS (DELETE FROM orders RETURNING id) DELETE FROM users WHERE id IN (SELECT id FROM d)',
      false,
    ],
    ['WITH d AS (DELETE FROM orders WHERE id = 1) SELECT 1 FROM users WHERE id = 1', true],
    ['EXPLAIN DELETE FROM users WHERE id = 1', true],
    ['EXPLAIN DELETE FROM users', false],
    ['COPY (SELECT 1 FROM users WHERE id = 1) TO STDOUT', true],
    ['INSERT INTO users (id) VALUES (1)', false],
  ])('where of %s is %s', (sql, where) => {
    expect(one(sql).facts.where).toBe(where);
  });

  it.each([
    ['SELECT 1 LIMIT 10', 10],
    ['SELECT 1 LIMIT 0', 0],
    ['SELECT 1 FETCH FIRST 5 ROWS ONLY', 5],
    ['SELECT 1 LIMIT $1', null],
    ['SELECT 1 LIMIT ALL', null],
    ['SELECT 1 LIMIT 1 + 1', null],
    ['SELECT 1', null],
    ['SELECT * FROM (SELECT 1 LIMIT 3) s', null],
  ])('limit of %s is %s', (sql, limit) => {
    expect(one(sql).facts.limit).toBe(limit);
  });

  it.each([
    ['WITH d AS (DELETE FROM orders) UPDATE users SET id = 1', 'UPDATE DELETE'],
    [
      'WITH a AS (WITH b AS (DELETE FROM orders RETURNING 1) INSERT INTO log SELECT * FROM b) SELECT 1',
      'SELECT INSERT DELETE',
    ],
    ['EXPLAIN ANALYZE TRUNCATE users', null],
    ['EXPLAIN CREATE TABLE x AS SELECT 1', 'EXPLAIN CREATE TABLE AS SELECT'],
    ['COPY (DELETE FROM users RETURNING id) TO STDOUT', 'COPY DELETE'],
    ['DECLARE c CURSOR FOR SELECT 1', 'DECLARE SELECT'],
    ['PREPARE x AS DELETE FROM users', 'PREPARE DELETE'],
    ['EXPLAIN EXECUTE x(1)', 'EXPLAIN EXECUTE'],
    [
      'CREATE RULE r AS ON INSERT TO orders DO INSTEAD (DELETE FROM users; UPDATE users SET id = 1)',
      'CREATE RULE DELETE UPDATE',
    ],
    ['CREATE SCHEMA s CREATE TABLE x (id int)', 'CREATE SCHEMA CREATE TABLE'],
    [
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM users; SELECT 1; END',
      'CREATE FUNCTION DELETE SELECT',
    ],
  ])('commands in %s', (sql, commands) => {
    const result = analyse(sql, shop, safe);
    const judged =
      result.kind === 'refused'
        ? null
        : result.statements[0]!.judged.map((facts) => facts.command).join(' ');
    expect(judged).toBe(commands);
  });

  it.each([
    ['PREPARE x AS SELECT 1', { kind: 'prepared', name: 'x', outlives: true }],
    ['PREPARE "X y" (int) AS SELECT $1', { kind: 'prepared', name: 'X y', outlives: true }],
    ['DECLARE C SCROLL CURSOR FOR SELECT 1', { kind: 'cursor', name: 'c', outlives: false }],
    ['DECLARE c CURSOR WITH HOLD FOR SELECT 1', { kind: 'cursor', name: 'c', outlives: true }],
    ['EXPLAIN DECLARE c CURSOR FOR SELECT 1', undefined],
    ['SELECT 1', undefined],
  ])('the name that %s gives', (sql, defines) => {
    expect(one(sql)).toMatchObject({ defines, changesCatalog: false });
  });

  it.each([
    ['EXECUTE X(1)', { kind: 'prepared', name: 'x', isNested: false }],
    ['EXPLAIN EXECUTE x', { kind: 'prepared', name: 'x', isNested: true }],
    ['CREATE TABLE t AS EXECUTE x', { kind: 'prepared', name: 'x', isNested: true }],
    ['FETCH ALL FROM "C"', { kind: 'cursor', name: 'C', isNested: false }],
    ['MOVE 2 IN c', { kind: 'cursor', name: 'c', isNested: false }],
    ['CLOSE c', undefined],
  ])('the name that %s runs', (sql, runs) => {
    expect(one(sql).runs).toEqual(runs);
  });

  it('has the uses and the result of the query in PREPARE and DECLARE', () => {
    for (const given of ['PREPARE x AS', 'DECLARE c CURSOR FOR']) {
      const { result, uses } = one(`${given} SELECT id, email FROM users ORDER BY name`);
      const plain = one('SELECT id, email FROM users ORDER BY name');
      expect(result).toEqual(plain.result);
      expect(uses).toEqual(plain.uses);
    }
  });

  it('says when a relation or a column is unknown to the catalog', () => {
    expect(one('SELECT 1 FROM nowhere').unknownRelation).toBe(true);
    expect(one('SELECT nothing FROM users').unknownRelation).toBe(true);
    expect(one('SELECT email FROM users').unknownRelation).toBe(false);
    expect(one('CREATE TABLE nowhere (id int)').unknownRelation).toBe(false);
  });

  it('marks what is cut off', () => {
    const names = Array.from({ length: 600 }, (_, at) => `c${at}`);
    const { facts } = one(`SELECT ${names.join()} FROM nowhere`);
    expect(facts.truncated).toBe(true);
    expect(facts.columns).toHaveLength(500);
    expect(one('SELECT 1').facts.truncated).toBe(false);
  });

  it('tells the session what it must follow', () => {
    expect(one('BEGIN')).toMatchObject({ transaction: 'begin', copy: null });
    expect(one('ROLLBACK TO SAVEPOINT a')).toMatchObject({ transaction: 'rollback-to' });
    expect(one('COPY users FROM STDIN')).toMatchObject({ copy: 'in', changesCatalog: false });
    expect(one('COPY users TO STDOUT')).toMatchObject({ copy: 'out' });
    expect(one('DROP VIEW v_users')).toMatchObject({ changesCatalog: true });
    expect(one('ALTER TABLE users ADD a int')).toMatchObject({ changesCatalog: true });
    expect(one('SELECT 1 INTO x')).toMatchObject({ changesCatalog: true });
    expect(one('SELECT 1')).toMatchObject({ changesCatalog: false, mayChangeSettings: false });
    expect(one("DO 'BEGIN END'")).toMatchObject({ mayChangeSettings: true });
    expect(one('SELECT leak(1)')).toMatchObject({ mayChangeSettings: true });
  });

  it('cuts several statements at their bytes', () => {
    const result = analyse("SELECT 'é'; DELETE FROM users;; SELECT 2", shop, safe);
    expect(result).toMatchObject({
      statements: [{ text: "SELECT 'é'" }, { text: 'DELETE FROM users' }, { text: 'SELECT 2' }],
    });
  });

  it('finds no statement in nothing', () => {
    expect(analyse(' ; -- x', shop, safe)).toEqual({ kind: 'analysed', statements: [] });
  });
});

describe('work', () => {
  const many = (word: string, count: number): string => Array(count).fill(word).join();
  const manyQueries = Array.from({ length: 6000 }, (_, at) => `c${at} AS (SELECT 1)`).join();

  it.each([
    ['names over tables', `SELECT ${many('a', 20_000)} FROM ${many('t', 20_000)}`],
    ['names over known tables', `SELECT ${many('email', 9000)} FROM ${many('users', 9000)}`],
    ['stars over tables', `SELECT ${many('*', 20_000)} FROM ${many('users', 9000)}`],
    ['positions', `SELECT ${many('id', 20_000)} FROM users ORDER BY ${many('1', 20_000)}`],
    ['queries in WITH', `WITH ${manyQueries} SELECT 1 FROM ${many('t', 9000)}`],
  ])('is bounded for many %s', (_name, text) => {
    expect(analyse(text, shop, safe)).toMatchObject({ code: 'statement-too-large' });
  });

  it('suffices for wide and long statements of honest programs', () => {
    const wide = `SELECT ${many('u.email', 1600)} FROM users u WHERE id IN (${many('1', 9000)})`;
    const long = `INSERT INTO users (id, email) VALUES ${many("(1, 'x')", 20_000)}`;
    const joined = `SELECT ${many('id', 200)} FROM users u0 ${Array.from({ length: 60 }, (_, at) => `JOIN orders o${at} ON o${at}.user_id = u0.id`).join(' ')}`;
    const batch = 'SELECT email FROM users;'.repeat(1000);
    for (const text of [wide, long, joined, batch]) {
      expect(analyse(text, shop, safe).kind).toBe('analysed');
    }
  });
});

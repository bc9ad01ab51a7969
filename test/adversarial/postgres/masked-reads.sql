-- rows: whole row
SELECT u FROM users u
SELECT users FROM users

-- rows: row as text
SELECT u::text FROM users u
SELECT u.*::text FROM users u

-- rows: row functions
SELECT row_to_json(u) FROM users u
SELECT to_jsonb(users) FROM users

-- rows: attribute notation
SELECT u.row_to_json FROM users u
SELECT u.to_json FROM users u

-- rows: field of a row
SELECT (u).email FROM users u
SELECT (users.*).email FROM users

-- rows: row constructor
SELECT ROW(email) FROM users
SELECT ROW(users.*) FROM users

-- rows: rows in an array
SELECT array_agg(u) FROM users u
SELECT ARRAY(SELECT u FROM users u)

-- rows: unnest rows
SELECT * FROM unnest(ARRAY(SELECT u FROM users u))

-- rows: json_populate
SELECT * FROM jsonb_populate_record(NULL::users, (SELECT to_jsonb(u) FROM users u LIMIT 1))

-- rows: json_each
SELECT j.value FROM users u, json_each_text(row_to_json(u)) j

-- expressions: cast
SELECT email::varchar FROM users
SELECT CAST(email AS text) FROM users

-- expressions: concatenation
SELECT '' || email FROM users
SELECT concat(email, '') FROM users

-- expressions: case
SELECT CASE WHEN true THEN email END FROM users
SELECT COALESCE(email, name) FROM users

-- expressions: functions
SELECT reverse(email), upper(email), md5(email) FROM users

-- expressions: collate
SELECT email COLLATE "C" FROM users

-- expressions: encode
SELECT encode(convert_to(email, 'UTF8'), 'hex') FROM users

-- expressions: arithmetic
SELECT salary + 0, salary * 1 FROM users
SELECT +salary FROM users

-- expressions: array and subscript
SELECT ARRAY[email], (ARRAY[email])[1] FROM users

-- expressions: XML
SELECT xmlforest(email) FROM users
SELECT xmlelement(name e, email) FROM users

-- expressions: JSON constructors
SELECT JSON_OBJECT('e': email) FROM users
SELECT JSON_ARRAY(email) FROM users

-- nesting: scalar subquery
SELECT (SELECT email FROM users LIMIT 1)
SELECT id, (SELECT email) FROM users

-- nesting: derived table
SELECT e FROM (SELECT email AS e FROM users) s
SELECT * FROM (SELECT * FROM users) s

-- nesting: renamed columns
SELECT b FROM users AS u(a, c, b)
SELECT * FROM users AS u(a, b, c, d, e)

-- nesting: CTE
WITH c AS (SELECT email FROM users) SELECT * FROM c
WITH users AS (TABLE users) SELECT * FROM users

-- nesting: recursive CTE
WITH RECURSIVE c(e) AS (SELECT email FROM users UNION SELECT e FROM c) SELECT e FROM c

-- nesting: data-modifying CTE
WITH c AS (UPDATE users SET name = name RETURNING email) SELECT * FROM c

-- nesting: lateral
SELECT l.e FROM users u, LATERAL (SELECT u.email AS e) l
SELECT l.* FROM users u, LATERAL (VALUES (u.email)) l

-- nesting: join alias
SELECT j.* FROM (users JOIN orders USING (id)) j
SELECT j.c FROM (users u CROSS JOIN orders o) AS j(a, b, c)

-- nesting: join using
SELECT email FROM users JOIN moving USING (email)
SELECT email FROM users FULL JOIN moving USING (email)

-- nesting: natural join
SELECT * FROM users NATURAL JOIN moving
SELECT email FROM users NATURAL FULL JOIN people

-- sets: union
SELECT email FROM users UNION SELECT name FROM users
TABLE people UNION ALL TABLE people

-- sets: intersect and except
SELECT email FROM users EXCEPT SELECT 'a'
SELECT email FROM users INTERSECT SELECT email FROM users

-- sets: values
VALUES ((SELECT email FROM users LIMIT 1))

-- aggregates: aggregates
SELECT max(email), min(email) FROM users
SELECT string_agg(email, ',') FROM users

-- aggregates: numbers
SELECT sum(salary), avg(salary), max(salary) FROM users
SELECT any_value(salary) FROM users

-- aggregates: windows
SELECT first_value(email) OVER () FROM users
SELECT lag(email) OVER (ORDER BY id) FROM users

-- aggregates: ordered set
SELECT mode() WITHIN GROUP (ORDER BY email) FROM users
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY salary) FROM users

-- aggregates: grouping
SELECT email, count(*) FROM users GROUP BY email
SELECT GROUPING(email), email FROM users GROUP BY ROLLUP (email)

-- aggregates: set-returning
SELECT regexp_split_to_table(email, '-') FROM users
SELECT string_to_table(email, '-') FROM users

-- writes: returning
UPDATE users SET name = 'x' WHERE id = 1 RETURNING email
UPDATE users SET name = name WHERE id = 1 RETURNING *

-- writes: returning expression
UPDATE users SET id = id WHERE id = 1 RETURNING lower(email)
UPDATE users u SET id = id WHERE id = 1 RETURNING u

-- writes: returning old and new
UPDATE users SET name = name WHERE id = 1 RETURNING old.email, new.email
UPDATE users SET name = name WHERE id = 1 RETURNING WITH (OLD AS o) o.*

-- writes: delete returning
BEGIN
DELETE FROM users WHERE id = 3 RETURNING *
ROLLBACK

-- writes: merge returning
MERGE INTO users u USING orders o ON u.id = o.id WHEN MATCHED THEN UPDATE SET name = u.name RETURNING u.email, u.*

-- writes: copy to another column
UPDATE users SET name = email WHERE id = 2
SELECT name FROM users WHERE id = 2

-- writes: insert select
INSERT INTO scratch SELECT id, email FROM users
SELECT * FROM scratch

-- writes: insert subquery
INSERT INTO scratch VALUES (1, (SELECT email FROM users LIMIT 1)) RETURNING t

-- writes: on conflict
INSERT INTO users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = users.email RETURNING name
SELECT name FROM users WHERE id = 1

-- writes: create table as
CREATE TABLE loot AS SELECT * FROM users
SELECT * FROM loot
SELECT * FROM public.loot

-- writes: select into
SELECT * INTO loot FROM users
SELECT * FROM loot
SELECT * FROM public.loot

-- writes: table like, inherits
CREATE TABLE loot () INHERITS (users)
SELECT * FROM loot
SELECT * FROM public.loot
ALTER TABLE scratch INHERIT users

-- writes: materialised view
CREATE MATERIALIZED VIEW loot AS SELECT * FROM users
SELECT * FROM loot
SELECT * FROM public.loot

-- definitions: view
CREATE VIEW loot AS SELECT * FROM users
SELECT * FROM loot
SELECT * FROM public.loot
CREATE TEMP VIEW tv AS TABLE users
TABLE tv

-- definitions: rule
CREATE RULE r AS ON INSERT TO scratch DO ALSO SELECT * FROM users
INSERT INTO scratch VALUES (5)

-- definitions: function
CREATE FUNCTION pg_temp.f() RETURNS SETOF users LANGUAGE sql AS 'TABLE users'
SELECT * FROM pg_temp.f()

-- definitions: generated column
SELECT shout FROM users
ALTER TABLE users ADD COLUMN g text GENERATED ALWAYS AS (email) STORED
SELECT g FROM users

-- definitions: rename column
ALTER TABLE users RENAME COLUMN email TO mail
SELECT mail FROM users

-- definitions: rename table
ALTER TABLE users RENAME TO u2
SELECT email FROM u2

-- definitions: move table
ALTER TABLE users SET SCHEMA other
SELECT email FROM other.users

-- definitions: column type with using
ALTER TABLE users ALTER COLUMN name TYPE text USING email
SELECT name FROM users

-- definitions: column default
ALTER TABLE scratch ALTER COLUMN t SET DEFAULT (SELECT email FROM users LIMIT 1)

-- definitions: check constraint by error
ALTER TABLE users ADD CHECK (email IS NULL)
ALTER TABLE users ADD CONSTRAINT c CHECK (salary < 1)

-- definitions: unique index by error
CREATE UNIQUE INDEX ON users (nick)
CREATE INDEX ON users ((email::int))

-- relations: views
SELECT * FROM users_view
SELECT email FROM users_view
SELECT e FROM users_view_2

-- relations: materialised
SELECT * FROM users_kept
TABLE users_kept

-- relations: partition
SELECT payload FROM events_1
SELECT * FROM events
TABLE events_1

-- relations: child and parent
SELECT * FROM staff
SELECT email FROM ONLY people
SELECT * FROM people*

-- relations: quoted and qualified
SELECT "email" FROM "public"."users"
SELECT Users.EMail FROM PUBLIC.Users
SELECT app.public.users.email FROM app.public.users

-- relations: unicode escapes
SELECT U&"em\0061il" FROM U&"user\0073"
SELECT U&"em!0061il" UESCAPE '!' FROM users

-- relations: comments
SELECT/**/email/*--*/FROM/* /* */ */users--
SELECT email -- FROM users

-- relations: alias shadows
SELECT name AS email, email AS name FROM users
SELECT id AS email, email AS id FROM users

-- relations: search_path
SET search_path = other, public
SELECT email FROM users
SELECT * FROM users
RESET search_path

-- relations: temp table of the same name
CREATE TEMP TABLE users (id int, email text)
SELECT email FROM public.users
SELECT email FROM users
DROP TABLE pg_temp.users

-- relations: schema renamed
ALTER SCHEMA public RENAME TO p2
SELECT email FROM p2.users
SELECT email FROM users
ALTER SCHEMA p2 RENAME TO public

-- relations: sampling and locking
SELECT email FROM users TABLESAMPLE SYSTEM (100)
SELECT email FROM users FOR UPDATE

-- functions: query_to_xml
SELECT query_to_xml('SELECT * FROM users', true, true, '')
SELECT table_to_xml('users', true, true, '')

-- functions: user function
SELECT leak_users()
SELECT * FROM leak_users()
SELECT initcap('a', 1), initcap('b')

-- functions: notice from a function
SELECT shout_users()
SELECT name FROM users WHERE shout_users() IS NOT NULL

-- functions: refcursor
BEGIN
SELECT open_users()
FETCH ALL FROM opened
ROLLBACK

-- functions: ts_stat and dblink
SELECT * FROM ts_stat('SELECT to_tsvector(email) FROM users')
SELECT * FROM dblink('', 'SELECT email FROM users') AS t(e text)

-- functions: files and large objects
SELECT pg_read_file('base/1/1259')
SELECT lo_import('/etc/passwd')
SELECT lo_get(1)

-- commands: DO
DO $$ BEGIN RAISE NOTICE '%', (SELECT email FROM users LIMIT 1); END $$
DO 'BEGIN RAISE EXCEPTION ''%'', (SELECT max(email) FROM users); END'

-- commands: PREPARE and EXECUTE
PREPARE p AS SELECT email FROM users
EXECUTE p
CREATE TEMP TABLE t2 AS EXECUTE p

-- commands: cursor
BEGIN
DECLARE c CURSOR WITH HOLD FOR SELECT email FROM users
FETCH ALL FROM c
COMMIT
FETCH ALL c

-- commands: COPY
COPY users TO STDOUT
COPY (SELECT email FROM users) TO STDOUT
COPY users (email) TO STDOUT WITH (FORMAT binary)

-- commands: COPY to program and file
COPY users TO PROGRAM 'cat'
COPY users TO '/tmp/x'
COPY scratch FROM PROGRAM 'id'

-- commands: EXPLAIN
EXPLAIN ANALYZE SELECT email FROM users WHERE email > 'a'
EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM users ORDER BY email
EXPLAIN VERBOSE SELECT lower(email) FROM users

-- commands: statistics
ANALYZE users
SELECT most_common_vals, histogram_bounds FROM pg_stats WHERE tablename = 'users'
SELECT * FROM pg_statistic

-- commands: other sessions
SELECT query FROM pg_stat_activity
SELECT * FROM pg_stat_get_activity(NULL)

-- channels: settings
SELECT set_config('my.x', (SELECT email FROM users LIMIT 1), false)
SELECT current_setting('my.x')
SHOW my.x

-- channels: application_name
SELECT set_config('application_name', (SELECT email FROM users LIMIT 1), false)
SHOW application_name

-- channels: NOTIFY
LISTEN x
SELECT pg_notify('x', email) FROM users
SELECT pg_notify('x', 'harmless')

-- channels: cast error
SELECT email::int FROM users
SELECT id FROM users WHERE email::int = 1
SELECT 1 / (salary - salary) FROM users

-- channels: failing row
UPDATE users SET id = NULL WHERE id = 1
UPDATE users SET id = 2 WHERE id = 1
INSERT INTO users (id, email) VALUES (NULL, 'e')

-- channels: error of a trigger
UPDATE users SET name = 'complain' WHERE id = 1

-- channels: notice of a deferred trigger
BEGIN
UPDATE users SET name = 'late' WHERE id = 1
COMMIT
UPDATE users SET name = 'late' WHERE id = 2

-- settings: backslash strings
SET standard_conforming_strings = off
SELECT '\', email FROM users --'
SELECT E'\'', email FROM users

-- settings: role
SET ROLE gateway
SET SESSION AUTHORIZATION 'postgres'
RESET ROLE
SELECT email FROM users

-- settings: encoding
SET client_encoding = 'SJIS'
SET NAMES 'LATIN1'
SELECT email FROM users

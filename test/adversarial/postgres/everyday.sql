-- plain columns
SELECT id, name, email, salary FROM users ORDER BY id LIMIT 3

-- star
SELECT * FROM users WHERE id < 4

-- alias and qualified star
SELECT u.*, o.total FROM users u JOIN orders o ON o.user_id = u.id WHERE u.id = 1

-- filter on an unmasked column
SELECT email FROM public.users WHERE name = 'name 3' AND active

-- count
SELECT count(*) FROM users

-- group by an unmasked column
SELECT user_id, count(*), sum(total) FROM orders GROUP BY user_id HAVING count(*) > 1 ORDER BY 2 DESC, 1

-- window function over unmasked columns
SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY total DESC) FROM orders

-- CTE over unmasked columns
WITH t AS (SELECT user_id, sum(total) AS s FROM orders GROUP BY user_id) SELECT u.name, t.s FROM t JOIN users u ON u.id = t.user_id

-- subquery over unmasked columns
SELECT name FROM users WHERE id IN (SELECT user_id FROM orders WHERE total > 100)

-- exists
SELECT u.id, u.email FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id)

-- left join
SELECT u.name, o.note FROM users u LEFT JOIN orders o ON o.user_id = u.id ORDER BY o.id NULLS LAST LIMIT 5

-- lateral over unmasked
SELECT u.id, l.total FROM users u CROSS JOIN LATERAL (SELECT total FROM orders o WHERE o.user_id = u.id ORDER BY total DESC LIMIT 1) l

-- union of unmasked
SELECT name FROM users UNION SELECT note FROM orders

-- functions over unmasked
SELECT lower(name), length(name), now(), coalesce(name, '-'), date_trunc('day', at) FROM users JOIN orders USING (id) LIMIT 1

-- case, casts, JSON
SELECT CASE WHEN total > 10 THEN 'much' ELSE 'little' END, total::text, json_build_object('id', id), to_jsonb(note) FROM orders LIMIT 2

-- arrays
SELECT ARRAY[1, 2, 3], array_agg(id) FROM orders, unnest(ARRAY['a', 'b']) WITH ORDINALITY

-- literals that look like names
SELECT 'email from users', 'TRUNCATE', $$ledger$$

-- an alias called email
SELECT name AS email FROM users LIMIT 1

-- another table's column of the same name
SELECT email FROM other.users

-- backslashes and escapes
SELECT E'a\tb', '\', 'ünïcode ✓', U&'\0041'

-- insert with returning
INSERT INTO scratch (id, t) VALUES (1, 'x'), (2, NULL) RETURNING id, t

-- insert into a masked table
INSERT INTO moving (id, name, email) VALUES (77, 'new', 'new@example.com')

-- update of an unmasked column
UPDATE scratch SET t = 'y' WHERE id = 1

-- update of a masked table
UPDATE users SET active = NOT active WHERE id = 5 RETURNING id, active, email

-- update from
UPDATE scratch SET t = o.note FROM orders o WHERE o.id = scratch.id

-- upsert
INSERT INTO orders (id, note) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET note = excluded.note

-- delete with where
DELETE FROM scratch WHERE id = 2

-- transaction
BEGIN
INSERT INTO scratch VALUES (3, 'z')
SAVEPOINT s
INSERT INTO scratch VALUES (4, 'z')
ROLLBACK TO s
RELEASE s
COMMIT

-- driver settings
SET extra_float_digits = 3
SET application_name = 'PostgreSQL JDBC Driver'
SET client_min_messages TO warning
SET standard_conforming_strings = on
SET client_encoding TO 'utf8'
SET TIME ZONE 'UTC'
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED
SHOW transaction isolation level
SHOW ALL

-- set_config as Django and PostgREST do
SELECT set_config('TimeZone', 'UTC', false), current_setting('server_version'), version()

-- explain
EXPLAIN SELECT name FROM users WHERE id = 1
EXPLAIN ANALYZE SELECT count(*) FROM orders

-- psql \d: list
SELECT n.nspname as "Schema", c.relname as "Name", CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' END as "Type", pg_catalog.pg_get_userbyid(c.relowner) as "Owner" FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','S','f','') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' AND n.nspname <> 'information_schema' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2

-- psql \d: find
SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^(users)$' COLLATE pg_catalog.default AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 2, 3

-- psql \d: columns
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef), a.attnotnull, (SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type t WHERE c.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation) AS attcollation, a.attidentity, a.attgenerated FROM pg_catalog.pg_attribute a WHERE a.attrelid = 'users'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum

-- psql \d: indexes
SELECT c2.relname, i.indisprimary, i.indisunique, pg_catalog.pg_get_indexdef(i.indexrelid, 0, true), pg_catalog.pg_get_constraintdef(con.oid, true) FROM pg_catalog.pg_class c, pg_catalog.pg_class c2, pg_catalog.pg_index i LEFT JOIN pg_catalog.pg_constraint con ON (conrelid = i.indrelid AND conindid = i.indexrelid AND contype IN ('p','u','x')) WHERE c.oid = 'users'::regclass AND c.oid = i.indrelid AND i.indexrelid = c2.oid ORDER BY i.indisprimary DESC, c2.relname

-- psql \dn, \du, \l
SELECT n.nspname AS "Name", pg_catalog.pg_get_userbyid(n.nspowner) AS "Owner" FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1
SELECT r.rolname, r.rolsuper, ARRAY(SELECT b.rolname FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles b ON (m.roleid = b.oid) WHERE m.member = r.oid) as memberof FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY 1
SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding) FROM pg_catalog.pg_database d ORDER BY 1

-- psql \df, \dx, \dT
SELECT n.nspname, p.proname, pg_catalog.pg_get_function_result(p.oid), pg_catalog.pg_get_function_arguments(p.oid) FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE pg_catalog.pg_function_is_visible(p.oid) AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' ORDER BY 1, 2
SELECT e.extname, e.extversion FROM pg_catalog.pg_extension e ORDER BY 1
SELECT t.typname FROM pg_catalog.pg_type t WHERE pg_catalog.pg_type_is_visible(t.oid) LIMIT 5

-- information_schema
SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = 'users' ORDER BY ordinal_position

-- JDBC type lookup
SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = 25

-- JDBC primary keys
SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid) JOIN pg_catalog.pg_index i ON (a.attrelid = i.indrelid) WHERE i.indisprimary AND ct.relname = 'users' AND a.attnum = ANY(i.indkey)

-- Rails schema
SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.atttypid, a.atttypmod, c.collname, col_description(a.attrelid, a.attnum) AS comment FROM pg_attribute a LEFT JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum LEFT JOIN pg_type t ON a.atttypid = t.oid LEFT JOIN pg_collation c ON a.attcollation = c.oid AND a.attcollation <> t.typcollation WHERE a.attrelid = '"users"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum

-- SQLAlchemy start
select pg_catalog.version()
select current_schema()
show standard_conforming_strings
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relname = 'users' AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid)

-- ORM select by key
SELECT "users"."id" AS "users_id", "users"."name" AS "users_name", "users"."email" AS "users_email" FROM "users" WHERE "users"."id" = 7 LIMIT 1

-- ORM select with join
SELECT t0.id AS c0, t0.name AS c1, t0.email AS c2, t1.id AS c3, t1.note AS c4 FROM users t0 INNER JOIN orders t1 ON t1.user_id = t0.id WHERE t0.active = true ORDER BY t0.id ASC, t1.at DESC LIMIT 10 OFFSET 0

-- ORM page count
SELECT COUNT(*) AS "__count" FROM "users" WHERE ("users"."active" AND "users"."name" ILIKE '%name%')

-- locks
SELECT id FROM users WHERE id = 1 FOR UPDATE SKIP LOCKED
SELECT pg_try_advisory_lock(7), pg_advisory_unlock(7)

-- a view without masked columns
SELECT * FROM harmless LIMIT 2

-- partition key of a masked table
SELECT id FROM events

-- temporary tables
CREATE TEMP TABLE work (id int, n numeric)
INSERT INTO work SELECT id, total FROM orders
SELECT sum(n) FROM work
DROP TABLE work
CREATE TEMP TABLE more_work (id int, n numeric)
INSERT INTO more_work SELECT id, total FROM orders
DROP TABLE more_work

-- create table as of unmasked columns
CREATE TABLE loot AS SELECT id, name FROM users
DROP TABLE loot

-- comments and empty statements
-- just a comment
;
/* nothing */ SELECT 1; SELECT 2;

-- listen and notify
LISTEN jobs
NOTIFY jobs, 'done'
UNLISTEN *

-- maintenance
ANALYZE orders
VACUUM scratch

-- housekeeping
DISCARD PLANS
DEALLOCATE ALL
RESET ALL

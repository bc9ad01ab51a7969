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

-- a masked column in a sub-query
SELECT s.name, s.email FROM (SELECT id, name, email FROM users) s WHERE s.id < 4

-- a masked column in a CTE
WITH active AS (SELECT id, name, email FROM users WHERE active) SELECT * FROM active ORDER BY id

-- a masked column through two CTEs
WITH a AS (SELECT * FROM public.users), b AS (SELECT id, email FROM a) SELECT b.email FROM b WHERE b.id = 1

-- a masked column in a union of all
SELECT id, email FROM users UNION ALL SELECT id, email FROM people ORDER BY id

-- a view over masked columns
SELECT * FROM users_view WHERE id < 3

-- a view over a view
SELECT id, e FROM users_view_2 ORDER BY id LIMIT 3

-- a materialised view over masked columns
SELECT * FROM users_kept WHERE id = 1

-- a view that computes
SELECT * FROM people_loud

-- a view of a union
SELECT * FROM people_all ORDER BY id

-- null-safe display
SELECT id, COALESCE(email, 'none') AS email FROM users ORDER BY id LIMIT 5

-- display by case
SELECT id, CASE WHEN active THEN email ELSE '-' END AS contact FROM users LIMIT 5

-- name and address in one
SELECT name || ' <' || email || '>' AS contact FROM users LIMIT 5

-- lower-case display
SELECT lower(email), upper(nick), length(email) FROM users LIMIT 5

-- a scalar sub-query
SELECT o.id, (SELECT u.email FROM users u WHERE u.id = o.user_id) AS email FROM orders o LIMIT 5

-- a lateral sub-query
SELECT u.id, l.email FROM orders o, LATERAL (SELECT id, email FROM users u WHERE u.id = o.user_id) l, users u WHERE u.id = l.id LIMIT 5

-- the last row of each group
SELECT DISTINCT ON (o.user_id) o.user_id, u.email FROM orders o JOIN users u ON u.id = o.user_id ORDER BY o.user_id, o.at DESC

-- rows as JSON, as PostgREST asks
WITH pgrst_source AS (SELECT "public"."users".* FROM "public"."users" LIMIT 10 OFFSET 0) SELECT null::bigint AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total, coalesce(json_agg(_postgrest_t), '[]') AS body FROM (SELECT * FROM pgrst_source) _postgrest_t

-- rows as JSON, as Hasura asks
SELECT coalesce(json_agg("root"), '[]') AS "root" FROM (SELECT row_to_json((SELECT "_e" FROM (SELECT "_root.base"."id" AS "id", "_root.base"."name" AS "name") AS "_e")) AS "root" FROM (SELECT * FROM "public"."users" WHERE ('true')) AS "_root.base") AS "_root"

-- a JSON object of masked and other columns
SELECT json_build_object('id', id, 'email', email) FROM users LIMIT 3

-- aggregates over masked columns
SELECT active, count(email), count(salary), string_agg(nick, ' and ') FROM users GROUP BY active

-- a list of masked values
SELECT active, string_agg(email, ', '), array_agg(salary) FROM users GROUP BY active

-- join with USING
SELECT id, u.email, o.note FROM public.users u JOIN orders o USING (id) LIMIT 3

-- star over a join with USING
SELECT * FROM public.users JOIN orders USING (id) LIMIT 3

-- full join
SELECT u.email, o.note FROM users u FULL JOIN orders o ON o.user_id = u.id LIMIT 3

-- self join
SELECT a.email, b.email FROM users a JOIN users b ON b.id = a.id + 1 LIMIT 3

-- recursion over unmasked keys
WITH RECURSIVE t AS (SELECT id, name, email, 0 AS depth FROM users WHERE id = 1 UNION ALL SELECT u.id, u.name, u.email, t.depth + 1 FROM users u JOIN t ON u.id = t.id + 1 WHERE t.depth < 3) SELECT * FROM t

-- numbers by generate_series
SELECT d::date, count(o.id) FROM generate_series(now() - interval '3 days', now(), interval '1 day') d LEFT JOIN orders o ON o.at::date = d::date GROUP BY 1 ORDER BY 1

-- dashboard: totals by month
SELECT date_trunc('month', at) AS month, sum(total) AS revenue, count(DISTINCT user_id) AS buyers FROM orders GROUP BY 1 ORDER BY 1

-- dashboard: shares
SELECT user_id, sum(total), round(100 * sum(total) / sum(sum(total)) OVER (), 1) AS share FROM orders GROUP BY user_id ORDER BY 2 DESC LIMIT 5

-- dashboard: percentiles
SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY total) FROM orders

-- dashboard: running sums
SELECT id, sum(total) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM orders LIMIT 5

-- dashboard: pivot
SELECT user_id, count(*) FILTER (WHERE total > 10) AS large, count(*) FILTER (WHERE total <= 10) AS small FROM orders GROUP BY user_id

-- Metabase
SELECT "public"."users"."id" AS "id", "public"."users"."name" AS "name", "public"."users"."email" AS "email", "public"."users"."active" AS "active" FROM "public"."users" LIMIT 1048575

-- Metabase: nested question
SELECT "source"."active" AS "active", COUNT(*) AS "count" FROM (SELECT "public"."users"."id" AS "id", "public"."users"."email" AS "email", "public"."users"."active" AS "active" FROM "public"."users") AS "source" GROUP BY "source"."active" ORDER BY "source"."active" ASC

-- Tableau
SELECT SUM("orders"."total") AS "sum:total:ok", "orders"."user_id" AS "user_id" FROM "public"."orders" "orders" INNER JOIN "public"."users" "users" ON ("orders"."user_id" = "users"."id") GROUP BY 2

-- Grafana
SELECT floor(extract(epoch from at) / 60) * 60 AS "time", count(*) AS value FROM orders WHERE at BETWEEN now() - interval '1 hour' AND now() GROUP BY 1 ORDER BY 1

-- Superset
SELECT active AS active, COUNT(*) AS count FROM (select * from public.users) AS virtual_table GROUP BY active ORDER BY count DESC LIMIT 100

-- Django: values with annotation
SELECT "users"."id", "users"."email", COUNT("orders"."id") AS "n" FROM "users" LEFT OUTER JOIN "orders" ON ("users"."id" = "orders"."user_id") GROUP BY "users"."id" ORDER BY "n" DESC LIMIT 21

-- Django: exists
SELECT 1 AS "a" FROM "users" WHERE "users"."id" = 3 LIMIT 1

-- Hibernate
select u1_0.id, u1_0.active, u1_0.email, u1_0.name, o1_0.user_id, o1_0.id, o1_0.note from public.users u1_0 left join public.orders o1_0 on u1_0.id = o1_0.user_id where u1_0.id = 1

-- Hibernate: sequences
select nextval('ledger_id_seq')

-- Prisma
SELECT "public"."users"."id", "public"."users"."name", "public"."users"."email" FROM "public"."users" WHERE ("public"."users"."id" = 1 AND 1=1) LIMIT 1 OFFSET 0

-- Prisma: join by JSON
SELECT "t1"."id", "t1"."name", "orders"."__prisma_data__" AS "orders" FROM "public"."users" AS "t1" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t3"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t2"."id", 'note', "t2"."note") AS "__prisma_data__" FROM (SELECT "t2".* FROM "public"."orders" AS "t2" WHERE "t1"."id" = "t2"."user_id") AS "t2") AS "t3") AS "t4") AS "orders" ON TRUE LIMIT 5

-- Sequelize
SELECT "User"."id", "User"."name", "User"."email", "orders"."id" AS "orders.id", "orders"."note" AS "orders.note" FROM (SELECT "User"."id", "User"."name", "User"."email" FROM "public"."users" AS "User" ORDER BY "User"."id" LIMIT 2) AS "User" LEFT OUTER JOIN "public"."orders" AS "orders" ON "User"."id" = "orders"."user_id" ORDER BY "User"."id"

-- TypeORM
SELECT DISTINCT "distinctAlias"."u_id" AS "ids_u_id" FROM (SELECT "u"."id" AS "u_id", "u"."email" AS "u_email", "o"."id" AS "o_id" FROM "public"."users" "u" LEFT JOIN "public"."orders" "o" ON "o"."user_id" = "u"."id") "distinctAlias" ORDER BY "u_id" ASC LIMIT 2

-- ActiveRecord
SELECT "users".* FROM "public"."users" WHERE "users"."active" = TRUE ORDER BY "users"."id" DESC LIMIT 11

-- ActiveRecord: insert
INSERT INTO "public"."moving" ("id", "name", "email") VALUES (91, 'n', 'e') RETURNING "id"

-- SQLAlchemy: update with returning
UPDATE users SET name = 'renamed' WHERE users.id = 9 RETURNING users.id, users.email

-- Ecto
SELECT u0."id", u0."name", u0."email" FROM "users" AS u0 WHERE (u0."id" = ANY('{1,2,3}'))

-- GORM: upsert
INSERT INTO "orders" ("id", "user_id", "note") VALUES (400, 1, 'n') ON CONFLICT ("id") DO UPDATE SET "note" = "excluded"."note" RETURNING "id"

-- jOOQ
select alias_1.v0 as id, alias_1.v1 as email from (select u.id as v0, u.email as v1, row_number() over (order by u.id) as rn from public.users u) as alias_1 where rn > 0 and rn <= 5

-- DBeaver: row count
SELECT count(*) FROM (SELECT id, name, email FROM public.users) dbvrcnt

-- DBeaver: table sizes
SELECT c.oid, c.relname, pg_catalog.pg_total_relation_size(c.oid) FROM pg_catalog.pg_class c WHERE c.relname = 'users'

-- a page of a masked table by key
SELECT * FROM public.users WHERE id > 10 ORDER BY id LIMIT 10

-- an explained masked select
EXPLAIN (FORMAT json) SELECT email, salary, count(*) FROM users GROUP BY id

-- a masked table copied out
COPY (SELECT id, email FROM users) TO STDOUT WITH (FORMAT csv, HEADER)
COPY public.users TO STDOUT
COPY public.users (id, salary, nick) TO STDOUT (FORMAT csv, DELIMITER ';')

-- a delete that returns what it deleted
DELETE FROM moving WHERE id = 91 RETURNING *

-- merge
MERGE INTO scratch s USING orders o ON s.id = o.id AND o.id < 3 WHEN MATCHED THEN UPDATE SET t = o.note WHEN NOT MATCHED THEN DO NOTHING

-- psql \d: foreign keys and triggers
SELECT conname, pg_catalog.pg_get_constraintdef(r.oid, true) as condef FROM pg_catalog.pg_constraint r WHERE r.conrelid = 'users'::regclass AND r.contype = 'f' ORDER BY conname
SELECT t.tgname, pg_catalog.pg_get_triggerdef(t.oid, true), t.tgenabled, t.tgisinternal FROM pg_catalog.pg_trigger t WHERE t.tgrelid = 'users'::regclass AND NOT t.tgisinternal

-- psql \d+: view
SELECT pg_catalog.pg_get_viewdef('users_view'::regclass, true)

-- psql \dp
SELECT n.nspname, c.relname, pg_catalog.array_to_string(c.relacl, E'\n') FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','v','m','S','f','p') AND n.nspname = 'public'

-- pg_dump: start
SELECT pg_catalog.pg_is_in_recovery()
SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- pg_dump: tables
SELECT c.tableoid, c.oid, c.relname, c.relnamespace, c.relkind, c.reltype, c.relowner, c.relchecks, c.relhasindex, c.relhasrules, c.relpages, c.relhastriggers, c.relpersistence, c.reloftype, c.relacl FROM pg_class c WHERE c.relkind IN ('r', 'S', 'v', 'c', 'm', 'f', 'p') ORDER BY c.oid

-- pg_dump: a table's data
COPY public.users (id, name, email, salary, nick, active) TO stdout
COPY public.orders (id, user_id, total, note, at) TO stdout

-- PREPARE and EXECUTE
PREPARE by_id (int) AS SELECT id, name, email FROM users WHERE id = $1
EXECUTE by_id(3)
EXECUTE by_id('4')
DEALLOCATE by_id

-- PREPARE of a change
PREPARE add_note (int, text) AS INSERT INTO scratch VALUES ($1, $2) RETURNING id
EXECUTE add_note(41, 'forty-one')
DEALLOCATE ALL

-- a cursor as psql's FETCH_COUNT opens it
BEGIN
DECLARE _psql_cursor NO SCROLL CURSOR FOR SELECT id, name, email, salary FROM users
FETCH FORWARD 20 FROM _psql_cursor
FETCH FORWARD 40 FROM _psql_cursor
CLOSE _psql_cursor
COMMIT

-- a server-side cursor of psycopg and Django
BEGIN
DECLARE "_django_curs_1_sync_1" NO SCROLL CURSOR WITHOUT HOLD FOR SELECT "users"."id", "users"."email" FROM "users"
FETCH FORWARD 2000 FROM "_django_curs_1_sync_1"
CLOSE "_django_curs_1_sync_1"
COMMIT

-- a cursor WITH HOLD that is scrolled
DECLARE kept SCROLL CURSOR WITH HOLD FOR SELECT id, email FROM users ORDER BY id
FETCH LAST FROM kept
MOVE ABSOLUTE 3 IN kept
FETCH BACKWARD 2 FROM kept
CLOSE kept

-- a cursor in one text
BEGIN; DECLARE brief_cursor CURSOR FOR SELECT email FROM users; FETCH ALL FROM brief_cursor; COMMIT;

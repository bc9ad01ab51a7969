// Statements by what masks on public.users.email and public.events.email make of them: the analysis is held
// to these lists, and a real server proves that what they let pass leaks nothing.

const lines = (table: string): readonly string[] => table.trim().split('\n');

/** Allowed, with the mask of each column of its result; `?` where the text does not tell the columns. */
export const masked = lines(`
SELECT (u.*)::text FROM users u → null
SELECT u::text FROM users u → null
SELECT jsonb_build_object('a', email) FROM users → null
UPDATE users SET id = 1 RETURNING WITH (OLD AS o) o::text → null
COPY users TO STDOUT → - - partial -
COPY users (id, email) TO STDOUT → - partial
COPY (SELECT email FROM users) TO STDOUT → partial
COPY (UPDATE users SET id = 1 RETURNING *) TO STDOUT → - - partial - null
COPY v_users TO STDOUT → - partial
COPY vip TO STDOUT → - - partial - -
SELECT email FROM users → partial
SELECT (email), (users.*) FROM users → partial - - partial - null
SELECT * FROM users → - - partial - null
SELECT u.* FROM users u → - - partial - null
SELECT u.email AS e, u.id FROM public.users u WHERE u.id = 1 → partial -
SELECT id, name FROM users → - -
SELECT count(*) FROM users → -
SELECT u.email, o.total FROM users u JOIN orders o ON o.user_id = u.id → partial -
SELECT u.email, o.total FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.total > 5 ORDER BY o.total LIMIT 3 → partial -
SELECT email FROM users ORDER BY id → partial
SELECT * FROM users ORDER BY 1 → - - partial - null
SELECT * FROM users ORDER BY name DESC, id → - - partial - null
SELECT email, name FROM users ORDER BY 2 → partial -
SELECT u.*, o.id FROM users u, orders o ORDER BY 1 → - - partial - null -
SELECT email FROM users AS u (a, b, email) ORDER BY a → partial
SELECT j.email FROM (users JOIN orders ON true) AS j → partial
SELECT email FROM users GROUP BY id → partial
SELECT DISTINCT ON (name) email, name FROM users → partial -
SELECT email, row_number() OVER (ORDER BY id) FROM users → partial -
SELECT email, lower(name) FROM users → partial -
SELECT email FROM users WHERE id IN (SELECT user_id FROM orders) → partial
SELECT email, (SELECT sum(total) FROM orders WHERE user_id = users.id) FROM users → partial -
SELECT email FROM users FOR UPDATE → partial
SELECT email FROM ONLY users → partial
SELECT email FROM users TABLESAMPLE bernoulli (100) → partial
SELECT email_lower FROM users → null
SELECT email FROM vip → partial
SELECT email FROM events → hash
SELECT email FROM events_1 → hash
WITH o AS (SELECT user_id FROM orders) SELECT email FROM users JOIN o ON o.user_id = users.id → partial
WITH u AS (SELECT id, name FROM users) SELECT * FROM u → - -
SELECT id FROM (SELECT id, name FROM users) s → -
SELECT id FROM users UNION SELECT id FROM orders → -
INSERT INTO users (id, email) VALUES (1, 'x') →
INSERT INTO users VALUES (1, 'a', 'b', 'c') RETURNING * → - - partial - null
INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = excluded.email →
INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT (id) DO NOTHING RETURNING id, email → - partial
INSERT INTO contacts SELECT id, name FROM users →
UPDATE users SET email = 'x' WHERE id = 1 →
UPDATE users SET email = $1 WHERE id = $2 RETURNING email, old.email → partial partial
DELETE FROM users WHERE id = 1 RETURNING * → - - partial - null
UPDATE users SET name = 'x' WHERE id = 1 RETURNING email, old.email, new.* → partial partial - - partial - null
DELETE FROM users u USING orders o WHERE o.user_id = u.id RETURNING o.note, u.* → - - - partial - null
INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = 'b' RETURNING *, old.email → - - partial - null partial
SELECT name, count(*) FROM users GROUP BY ROLLUP (1) → - -
DELETE FROM users USING orders o WHERE o.user_id = users.id →
EXPLAIN SELECT email FROM users → ?
EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM users WHERE id = 1 → ?
COPY users FROM STDIN →
COPY users (id, name) TO STDOUT → - -
COPY (SELECT id, name FROM users) TO STDOUT → - -
CREATE TABLE x AS SELECT id, name FROM users → ?
SELECT id INTO x FROM users →
MERGE INTO users t USING orders s ON t.id = s.user_id WHEN MATCHED THEN UPDATE SET email = 'x' →
SELECT lower(email) FROM users → null
SELECT email || '' FROM users → null
SELECT CAST(email AS varchar(3)) FROM users → null
SELECT (email) COLLATE "C" FROM users → partial
SELECT coalesce(email, 'x') FROM users → partial
SELECT CASE WHEN true THEN email END FROM users → partial
SELECT ARRAY[email] FROM users → null
SELECT ARRAY(SELECT email FROM users) → null
SELECT (SELECT email FROM users LIMIT 1) → partial
SELECT count(email) FROM users → null
SELECT email FROM users UNION ALL SELECT 'x' → partial
SELECT * FROM (SELECT email FROM users) s → partial
SELECT * FROM (SELECT * FROM users) s → - - partial - null
SELECT s.x FROM (SELECT email AS x FROM users) s → partial
SELECT * FROM (TABLE users) s → - - partial - null
WITH u AS (SELECT email FROM users) SELECT * FROM u → partial
WITH u AS MATERIALIZED (SELECT * FROM users) SELECT id FROM u → -
WITH d AS (DELETE FROM users RETURNING *) SELECT id FROM d → -
WITH d AS (UPDATE users SET id = id RETURNING email) SELECT 1 FROM d → -
SELECT x FROM users, LATERAL (SELECT users.email AS x) s → partial
SELECT x FROM users, LATERAL (VALUES (email)) v (x) → partial
SELECT (SELECT email) FROM users → partial
SELECT (SELECT email FROM orders LIMIT 1) FROM users → partial
SELECT (SELECT x FROM contacts c, (SELECT email AS x) s LIMIT 1) FROM users → partial
SELECT users FROM users → null
SELECT u FROM users u → null
SELECT row(u.*) FROM users u → null
SELECT row(email, 1) FROM users → null
SELECT (u).email FROM users u → partial
SELECT to_json(u) FROM users u → null
SELECT row_to_json(users) FROM users → null
SELECT json_agg(u) FROM users u → null
SELECT u.to_json FROM users u → null
SELECT count(u) FROM users u → null
SELECT x.c FROM (users JOIN orders ON true) AS x (a, b, c, d, e, f, g, h, i) → partial
SELECT x FROM users AS x → null
SELECT json_object('a' : email) FROM users → null
SELECT lower(email_lower) FROM users → null
SELECT lower(email) FROM vip → null
SELECT lower(email) FROM events → null
SELECT lower(email) FROM ONLY events → null
SELECT * FROM v_users → - partial
SELECT id FROM v_users → -
SELECT id FROM vv_users → -
INSERT INTO users (id) VALUES (1) RETURNING lower(email) → null
INSERT INTO users (id) VALUES (1) RETURNING (SELECT email FROM users LIMIT 1) → partial
UPDATE users SET id = 1 RETURNING old → null
MERGE INTO users t USING orders s ON t.id = s.id WHEN MATCHED THEN DELETE RETURNING t.email → partial
`).map((line): readonly [text: string, strategies: string] => {
  const [text = '', strategies = ''] = line.split(' →');
  return [text, strategies.trim()];
});

/** Allowed, with nothing to mask. */
export const clear = lines(`
TRUNCATE users
LOCK TABLE users
DROP TABLE users
VACUUM users
SELECT 1
SELECT now(), version(), current_user
SELECT email FROM contacts
SELECT lower(email) FROM contacts WHERE email LIKE '%x'
SELECT * FROM crm.people ORDER BY email
SELECT DISTINCT email FROM contacts UNION SELECT email FROM crm.people
SELECT id FROM v_orders
INSERT INTO orders (id, note) VALUES (1, 'users.email')
SELECT 'SELECT email FROM users'
SELECT total AS email FROM orders ORDER BY email
SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE pg_table_is_visible(c.oid)
SELECT setting FROM pg_settings
SELECT scratch.email FROM pg_temp.scratch
SELECT nextval('order_ids')
SELECT pg_catalog.upper('x')
SELECT id OPERATOR(pg_catalog.+) 1 FROM orders
BEGIN
ROLLBACK
SET search_path = crm
SHOW work_mem
LISTEN x
CREATE TABLE x (id int, u int)
ALTER TABLE orders ADD COLUMN a int DEFAULT 1
CREATE INDEX ON orders (user_id)
DROP VIEW v_users
REFRESH MATERIALIZED VIEW mv_users
GRANT SELECT ON orders TO bob
SELECT * FROM mv_users
`);

/** Must never reach the server. */
export const denied = lines(`
SELECT greatest(row(email, '{}'::json), row('x1', '{}'::json)) FROM users
SELECT nullif(row(email, '{}'::json), row('x1', '{}'::json)) FROM users
SELECT max(s.r) FROM (SELECT row(email, '{}'::json) AS r FROM users) s
SELECT array_agg(DISTINCT row(email, '{}'::json)) FROM users
SELECT array_agg(id ORDER BY row(email, '{}'::json)) FROM users
SELECT string_agg(nullif(email, 'x1'), '') FROM users, generate_series(1, 10)
SELECT length(max(e)) FROM (SELECT email AS e FROM users UNION ALL SELECT 'x1 and much more') s
SELECT btrim(email, 'x') FROM users
SELECT sum(length(email)) FROM users
SELECT sum(length(email))::int FROM users
SELECT email::public.text FROM users
SELECT email::mood FROM users
SELECT array_agg(array[email] || email) FROM users
SELECT to_jsonb(email) || to_jsonb(name) FROM users
SELECT json_arrayagg(email ORDER BY name, email) FROM users
CREATE DOMAIN text AS pg_catalog.text CHECK (VALUE < 'm')
CREATE TYPE text AS ENUM ('x1')
SELECT email::bytea FROM users
SELECT 1 FROM users WHERE email LIKE 'a%'
SELECT 1 FROM users WHERE 'ada@example.com' = ANY (ARRAY[email])
SELECT 1 FROM users u, contacts c WHERE u.email = c.email
SELECT 1 FROM users u JOIN contacts c ON u.email = c.email
SELECT 1 FROM users JOIN contacts USING (email)
SELECT 1 FROM users NATURAL JOIN contacts
SELECT id FROM users ORDER BY email
SELECT email FROM users ORDER BY email
SELECT email FROM users ORDER BY 1
SELECT email AS e FROM users ORDER BY e
SELECT id, email AS e FROM users ORDER BY 2 DESC
SELECT * FROM users ORDER BY 3
SELECT u.*, o.id FROM users u, orders o ORDER BY 3
SELECT * FROM users JOIN orders USING (id) ORDER BY 3
SELECT email, count(*) FROM users GROUP BY email
SELECT email AS e, count(*) FROM users GROUP BY e
SELECT email, count(*) FROM users GROUP BY 1
SELECT name FROM users GROUP BY name HAVING max(email) > 'b'
SELECT email AS e, count(*) FROM users GROUP BY ROLLUP (e)
SELECT email, count(*) FROM users GROUP BY ROLLUP (1)
SELECT email, id FROM users GROUP BY (1, 2)
SELECT email, id FROM users GROUP BY GROUPING SETS ((1), (2, id))
CLUSTER users USING users_email_key
SELECT DISTINCT email FROM users
SELECT DISTINCT ON (email) id FROM users
SELECT DISTINCT * FROM users
SELECT count(*) FILTER (WHERE email > 'm') FROM users
SELECT rank() OVER (ORDER BY email) FROM users
SELECT rank() OVER w FROM users WINDOW w AS (PARTITION BY email)
SELECT email FROM users UNION SELECT name FROM users
SELECT email FROM users EXCEPT SELECT email FROM contacts
WITH RECURSIVE r AS (SELECT email FROM users UNION SELECT email FROM r) SELECT * FROM r
SELECT x FROM users CROSS JOIN LATERAL unnest(ARRAY[email]) x
SELECT x FROM users u, string_to_table(u.email, NULL) x
SELECT u.leak FROM users u
SELECT u IS NULL FROM users u
SELECT u = u FROM users u
SELECT * FROM users u WHERE u::text LIKE '%a%'
SELECT b FROM users AS u (a, c, b) WHERE b > 'a'
SELECT nothing FROM users
SELECT (SELECT nothing) FROM users
SELECT format('%s', email) FROM users
SELECT email LIKE 'a%' FROM users
SELECT email IN ('a', 'b') FROM users
SELECT email IS NULL FROM users
SELECT email BETWEEN 'a' AND 'b' FROM users
SELECT xmlelement(name a, email) FROM users
SELECT xmlforest(email) FROM users
SELECT * FROM json_table((SELECT json_agg(email) FROM users), '$[*]' COLUMNS (x text PATH '$')) t
SELECT 1 FROM users LIMIT (SELECT length(email) FROM users LIMIT 1)
SELECT 1 FROM users TABLESAMPLE bernoulli ((SELECT length(email) FROM users LIMIT 1))
SELECT * FROM v_call
SELECT * FROM v_stats
SELECT * FROM pg_stats
SELECT most_common_vals FROM pg_catalog.pg_stats
SELECT query FROM pg_stat_activity
SELECT * FROM nowhere
SELECT * FROM pg_toast.pg_toast_100
INSERT INTO log VALUES (1, 'x')
INSERT INTO contacts SELECT id, email FROM users
INSERT INTO contacts TABLE users
INSERT INTO contacts (email) VALUES ((SELECT email FROM users LIMIT 1))
INSERT INTO users (email) VALUES ('a') ON CONFLICT (email) DO NOTHING
INSERT INTO users (id) VALUES (1) ON CONFLICT (lower(email)) DO NOTHING
INSERT INTO users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = users.email
INSERT INTO users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2 WHERE users.email > 'a'
UPDATE users SET name = email
UPDATE users SET email = email || 'x'
UPDATE users SET id = 1 WHERE email = 'x'
UPDATE users SET (name, ssn) = (SELECT email, email)
UPDATE orders SET note = u.email FROM users u WHERE u.id = user_id
UPDATE orders SET note = (SELECT email FROM users WHERE users.id = user_id)
UPDATE users SET id = 1 RETURNING upper(old.email)
DELETE FROM users WHERE email LIKE 'a%'
DELETE FROM orders USING users u WHERE u.email = note
MERGE INTO orders t USING users s ON t.user_id = s.id WHEN MATCHED THEN UPDATE SET note = s.email
MERGE INTO orders t USING users s ON t.note = s.email WHEN MATCHED THEN DELETE
CREATE TABLE x AS SELECT email FROM users
CREATE TABLE x AS TABLE users
SELECT email INTO x FROM users
SELECT * INTO TEMP x FROM users
CREATE MATERIALIZED VIEW x AS SELECT email FROM users
CREATE VIEW x AS SELECT id FROM users
CREATE VIEW x AS SELECT 1
CREATE TABLE x (LIKE users)
CREATE TABLE x () INHERITS (users)
CREATE TABLE x PARTITION OF events DEFAULT
ALTER TABLE users RENAME COLUMN email TO mail
ALTER TABLE users RENAME TO people
ALTER TABLE users SET SCHEMA crm
ALTER TABLE users ALTER COLUMN name TYPE text USING email
ALTER TABLE users ADD COLUMN copied text GENERATED ALWAYS AS (email) STORED
ALTER TABLE orders INHERIT users
ALTER TABLE vip NO INHERIT users
ALTER TABLE users ADD CHECK (email > 'a')
ALTER SCHEMA public RENAME TO x
CREATE INDEX ON users (lower(email))
CREATE STATISTICS s ON id, email FROM users
CREATE RULE r AS ON SELECT TO orders DO INSTEAD SELECT * FROM users
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT email FROM users'
CREATE TRIGGER t AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f()
CREATE PUBLICATION p FOR TABLE users
CREATE POLICY p ON users USING (email > 'a')
CREATE AGGREGATE a (text) (sfunc = textcat, stype = text)
CREATE OPERATOR ~~~ (leftarg = text, rightarg = text, function = textcat)
CREATE EXTENSION dblink
GRANT SELECT ON users TO bob
DO 'BEGIN RAISE EXCEPTION ''%'', (SELECT email FROM users LIMIT 1); END'
CALL leak()
DECLARE c CURSOR FOR SELECT id FROM users ORDER BY email
DECLARE c CURSOR WITH HOLD FOR SELECT id FROM users WHERE email > 'm'
PREPARE x AS SELECT id FROM users WHERE email = $1
PREPARE x AS INSERT INTO notes (body) SELECT email FROM users
EXPLAIN SELECT 1 FROM users WHERE email = 'a'
EXPLAIN ANALYZE UPDATE users SET name = email
SELECT leak(1)
SELECT public.lower('x')
SELECT upper('x')
SELECT query_to_xml('SELECT email FROM users', true, false, '')
SELECT table_to_xml('users', true, false, '')
SELECT database_to_xml(true, false, '')
SELECT cursor_to_xml('c', 1, true, false, '')
SELECT ts_stat('SELECT email::tsvector FROM users')
SELECT ts_rewrite('a'::tsquery, 'SELECT email, email FROM users')
SELECT pg_read_file('base/1/1')
SELECT lo_get(1)
SELECT lo_import('/etc/passwd')
SELECT * FROM dblink('', 'SELECT email FROM users') AS t (x text)
SELECT pg_stat_get_activity(NULL)
SELECT "pg_catalog.lower"('x')
SELECT 1 @@@ 2
SELECT 1 OPERATOR(public.@@@) 2
SELECT 'a'::mood
SELECT 1 FROM orders ORDER BY id USING @@@
SELECT count(DISTINCT email) FROM users
SELECT min(email) FROM users
SELECT string_agg(name, ',' ORDER BY email) FROM users
SELECT nullif(email, 'a') FROM users
SELECT greatest(email, 'a') FROM users
SELECT max(email) FROM events_1
`);

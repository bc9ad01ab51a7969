-- lineage: deep sub-queries
SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT * FROM public.users) a) b) c
SELECT z FROM (SELECT y AS z FROM (SELECT email AS y FROM users) a) b
SELECT (SELECT (SELECT (SELECT email FROM users LIMIT 1)))

-- lineage: swapped names
SELECT email AS name, name AS email FROM (SELECT name AS email, email AS name FROM public.users) s
SELECT s.a, s.b FROM (SELECT name, email FROM users) AS s (b, a)

-- lineage: names that the server makes up
SELECT s.coalesce FROM (SELECT coalesce(email, name) FROM users) s
SELECT s."case" FROM (SELECT CASE WHEN true THEN email END FROM users) s
SELECT s.max FROM (SELECT max(email) FROM users) s
SELECT s."?column?" FROM (SELECT email || '' FROM users) s
SELECT s.array FROM (SELECT ARRAY[email] FROM users) s
SELECT s."row" FROM (SELECT ROW(email, 1) FROM users) s
SELECT s.json_object FROM (SELECT JSON_OBJECT('a': email) FROM users) s
SELECT s.email FROM (SELECT email::varchar FROM users) s
SELECT s.varchar FROM (SELECT (email || 'x')::varchar FROM users) s
SELECT s.greatest, s.nullif FROM (SELECT greatest(email, ''), nullif(email, '') FROM users) s
SELECT s.exists FROM (SELECT EXISTS (SELECT email FROM users)) s

-- lineage: columns behind unknown ones
SELECT * FROM (SELECT (u).*, 1 AS x FROM users u) s
SELECT (u).* FROM users u
SELECT x.* FROM (SELECT (users.*) FROM users) x
SELECT s.email FROM (SELECT (u).* FROM users u) s
SELECT *, email, * FROM users, (SELECT (o).* FROM orders o LIMIT 1) s

-- lineage: CTE chains
WITH a AS (SELECT * FROM users), b AS (SELECT * FROM a), c (i, n, e) AS (SELECT id, name, email FROM b) SELECT e FROM c
WITH a AS MATERIALIZED (TABLE public.users) SELECT a.* FROM a
WITH a AS NOT MATERIALIZED (SELECT email FROM users) SELECT (SELECT email FROM a LIMIT 1)
WITH users AS (SELECT email AS name FROM users) SELECT name FROM users
WITH a AS (WITH b AS (SELECT email FROM users) SELECT * FROM b) TABLE a

-- lineage: recursion
WITH RECURSIVE r (id, e) AS (SELECT id, name FROM users UNION ALL SELECT r.id + 1, u.email FROM r JOIN users u ON u.id = r.id + 1) SELECT * FROM r LIMIT 200
WITH RECURSIVE r (a, b, c) AS (SELECT email, name, name FROM users WHERE id = 1 UNION ALL SELECT b, c, a FROM r) SELECT c FROM r LIMIT 5
WITH RECURSIVE r (n, a, b, c, d, e, f, g, h) AS (SELECT 0, 'a', 'b', 'c', 'd', 'e', 'f', 'g', email FROM users WHERE id = 1 UNION ALL SELECT n + 1, b, c, d, e, f, g, h, h FROM r WHERE n < 9) SELECT a FROM r
WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT email FROM users) SELECT * FROM a
WITH RECURSIVE r AS (SELECT id, email FROM users UNION ALL SELECT id, email FROM r WHERE false) CYCLE id SET c USING p SELECT * FROM r
WITH RECURSIVE r AS (SELECT id, email FROM users UNION ALL SELECT id, email FROM r WHERE false) SEARCH DEPTH FIRST BY id, email SET o SELECT o FROM r

-- lineage: set operations
SELECT name FROM users UNION ALL SELECT email FROM users
SELECT * FROM (SELECT id, name FROM users UNION ALL SELECT id, email FROM users) s
(SELECT email FROM users LIMIT 1) UNION ALL (SELECT name FROM users LIMIT 1)
SELECT 'a' UNION ALL SELECT 'b' UNION ALL SELECT email FROM users
VALUES ('a', 1), ((SELECT email FROM users LIMIT 1), 2)
SELECT v.column1 FROM users u, LATERAL (VALUES ('x'), (u.email)) v
TABLE public.people UNION ALL SELECT id, desk FROM staff

-- lineage: joins
SELECT email FROM users FULL JOIN (SELECT id FROM orders) o USING (id)
SELECT j.* FROM (public.users u LEFT JOIN orders o USING (id)) j
SELECT j.z FROM (public.users u CROSS JOIN orders o) AS j (x, y, z)
SELECT * FROM (users JOIN orders USING (id)) JOIN scratch USING (id)
SELECT u.* FROM public.users u JOIN orders o USING (id)
SELECT x.id, u.email FROM users u JOIN orders USING (id) AS x
SELECT * FROM public.users NATURAL JOIN (SELECT id, total FROM orders) o
SELECT a.email FROM users a, users b WHERE a.id = b.id + 1

-- lineage: lateral
SELECT l.e FROM users u CROSS JOIN LATERAL (SELECT u.email AS e UNION ALL SELECT u.nick) l
SELECT l.* FROM users u, LATERAL (SELECT u.*) l
SELECT l.* FROM users u, LATERAL (SELECT (u).email, (u).salary) l
SELECT l FROM users u, LATERAL (SELECT u.email) l
SELECT l.u FROM users u, LATERAL (SELECT u) l
SELECT (l.u).email FROM users u, LATERAL (SELECT u) l

-- lineage: rows of rows
SELECT (s.u).email FROM (SELECT u FROM users u) s
SELECT ((SELECT u FROM users u LIMIT 1)).email
SELECT (array_agg(u))[1] FROM users u
SELECT row_to_json(s) FROM (SELECT id, email FROM users) s
SELECT to_jsonb(s)->>'e' FROM (SELECT email AS e FROM users) s
SELECT jsonb_agg(to_jsonb(u) - 'id') FROM users u
SELECT json_agg(json_build_object('id', u.id, 'email', u.email)) FROM users u
SELECT COALESCE(json_agg(row_to_json(t)), '[]') FROM (SELECT * FROM public.users) t
SELECT array_to_json(array_agg(row_to_json(t))) FROM (SELECT email FROM users) t
SELECT s.*::text FROM (SELECT email FROM users) s
SELECT s FROM (SELECT email FROM users) s
SELECT count(s.*), max(s::text) FROM (SELECT email FROM users) s

-- lineage: aggregates and arrays
SELECT string_agg(email, ',' ORDER BY id), array_agg(DISTINCT email) FROM users
SELECT (array_agg(email))[1], array_to_string(array_agg(email), ',') FROM users
SELECT sum(salary), avg(salary), max(salary), min(salary), sum(salary) / 2 FROM users
SELECT max(email) OVER (PARTITION BY active), lead(email) OVER (ORDER BY id) FROM users
SELECT first_value(email) OVER w, nth_value(email, 2) OVER w FROM users WINDOW w AS (ORDER BY id)
SELECT name FROM (SELECT max(email) AS name FROM users GROUP BY id) s
SELECT any_value(email), count(DISTINCT email) FROM users
SELECT json_object_agg(id, email), jsonb_object_agg(email, id) FROM users
SELECT JSON_ARRAYAGG(email), JSON_OBJECTAGG(id: email) FROM users
SELECT xmlagg(xmlelement(name e, email)) FROM users

-- lineage: text
SELECT name || ' <' || email || '>' FROM users
SELECT concat_ws(' ', name, email), format('%s', email) FROM users
SELECT upper(trim(email)), initcap(email), left(email, 5), substr(email, 3) FROM users
SELECT email::name, email::bpchar, email::char(200), email COLLATE "C" FROM users
SELECT salary::text, salary::numeric, '' || salary FROM users
SELECT translate(email, '-', '+'), overlay(email PLACING 'x' FROM 1) FROM users
SELECT quote_literal(email), quote_ident(email), to_json(email), to_jsonb(salary) FROM users
SELECT regexp_replace(email, '-', '+'), regexp_matches(email, '.*') FROM users
SELECT encode(email::bytea, 'base64'), decode(email, 'escape'), sha256(email::bytea) FROM users
SELECT to_tsvector(email), to_char(salary, '999999999999') FROM users

-- lineage: views over expressions
SELECT * FROM people_loud
SELECT shout FROM people_loud
SELECT * FROM (SELECT * FROM people_loud) s
SELECT p.* FROM people_loud p JOIN orders o ON o.id = p.id
SELECT pl FROM people_loud pl
SELECT email FROM people_all
SELECT * FROM people_all
SELECT * FROM people_found
SELECT * FROM people_loud_kept
INSERT INTO people_plain VALUES (9, 'x') RETURNING *
UPDATE people_plain SET id = id RETURNING email
DELETE FROM people_plain WHERE id = 1 RETURNING *

-- lineage: writes that return
WITH d AS (DELETE FROM moving WHERE id > 0 RETURNING *) SELECT * FROM d
WITH i AS (INSERT INTO moving VALUES (9, 'n', 'e') RETURNING *), j AS (SELECT email FROM users) SELECT j.* FROM i, j
UPDATE users u SET name = u.name FROM orders o WHERE o.id = u.id AND u.id = 1 RETURNING u.*, o.*
UPDATE users SET name = name WHERE id = 1 RETURNING (SELECT email FROM public.users x WHERE x.id = users.id)
UPDATE users SET name = name WHERE id = 1 RETURNING old, new, row_to_json(old)
INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = 'n' RETURNING *, old.*
MERGE INTO users u USING orders o ON u.id = o.id AND o.id = 1 WHEN MATCHED THEN UPDATE SET name = 'm' RETURNING merge_action(), u.*, o.*

-- lineage: COPY out
COPY (SELECT id, email, salary FROM users) TO STDOUT
COPY (SELECT * FROM public.users) TO STDOUT (FORMAT csv, HEADER)
COPY public.users TO STDOUT (FORMAT csv, HEADER, DELIMITER ';', QUOTE '''', ESCAPE '\', NULL 'nix', FORCE_QUOTE *)
COPY public.users (salary, email) TO STDOUT (DELIMITER '|', NULL '')
COPY public.users TO STDOUT (FORMAT binary)
COPY (SELECT email FROM users) TO STDOUT (FORMAT binary)
COPY (SELECT email FROM users) TO STDOUT (FORMAT csv, ENCODING 'LATIN1')
COPY (SELECT email FROM users) TO STDOUT (HEADER match)
COPY (SELECT lower(email) FROM users) TO STDOUT (FORMAT csv, HEADER)
COPY (SELECT row_to_json(u), u FROM users u) TO STDOUT
COPY (SELECT s.* FROM (SELECT (u).* FROM users u) s) TO STDOUT
COPY (UPDATE users SET name = name WHERE id = 1 RETURNING *) TO STDOUT
COPY (WITH d AS (DELETE FROM moving WHERE id > 0 RETURNING *) SELECT email FROM d) TO STDOUT
COPY users TO STDOUT
COPY people TO STDOUT
COPY events_1 TO STDOUT CSV
COPY users_kept TO STDOUT
COPY (TABLE users_kept) TO STDOUT CSV
COPY (VALUES ((SELECT email FROM users LIMIT 1))) TO STDOUT
COPY (SELECT email FROM users UNION ALL SELECT name FROM users) TO STDOUT CSV HEADER

-- lineage: EXPLAIN
EXPLAIN (ANALYZE, VERBOSE, BUFFERS) SELECT * FROM (SELECT email FROM users) s
EXPLAIN (VERBOSE, FORMAT json) SELECT max(email), row_to_json(u) FROM users u GROUP BY u
EXPLAIN ANALYZE UPDATE users SET name = name WHERE id = 1 RETURNING email
EXPLAIN (ANALYZE, SERIALIZE text) SELECT email FROM users
EXPLAIN CREATE TABLE loot AS SELECT email FROM users

-- lineage: several statements in one text
SELECT 1; SELECT email FROM users; SELECT name FROM users
SELECT name FROM users; SELECT email AS name FROM users
SELECT id, email FROM (SELECT id, email FROM users) s; SELECT email, id FROM (SELECT id, email FROM users) s
SELECT email FROM users UNION ALL SELECT name FROM users; SELECT name; SELECT email FROM users
INSERT INTO scratch VALUES (1, 'x'); SELECT coalesce(email, name) FROM users; DELETE FROM scratch WHERE id = 1 RETURNING t
BEGIN; SELECT lower(email) FROM users; COMMIT; SELECT upper(name) FROM users
;;SELECT coalesce(email, 'x') FROM users;;SELECT 1

-- lineage: cursors over results
BEGIN
DECLARE c CURSOR FOR SELECT coalesce(email, name) FROM users
FETCH ALL FROM c
DECLARE d BINARY CURSOR FOR SELECT email, salary FROM users
FETCH 2 FROM d
DECLARE e SCROLL CURSOR WITH HOLD FOR SELECT name FROM users
FETCH LAST FROM e
COMMIT

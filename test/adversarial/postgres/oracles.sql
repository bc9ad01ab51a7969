-- oracles: predicates
SELECT id FROM users WHERE email LIKE 'k%'
SELECT count(*) FROM users WHERE salary > 100
SELECT id FROM (SELECT id, email AS e FROM users) s WHERE e < 'm'
WITH c AS (SELECT id, salary AS s FROM users) SELECT id FROM c WHERE s BETWEEN 1 AND 2
SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM people p WHERE p.email = u.name)
SELECT id FROM users WHERE (SELECT email = 'x')
SELECT id FROM users u WHERE row_to_json(u)->>'email' = 'x'
SELECT id FROM users u WHERE u::text LIKE '%k%'
SELECT id FROM users u WHERE (u).email = 'x'
SELECT id FROM users u WHERE u = u
SELECT id FROM users WHERE email IS NULL
SELECT id FROM users WHERE (name, email) < ('a', 'b')
SELECT id FROM people_plain WHERE email = 'x'
SELECT id FROM people_loud WHERE shout > 'M'
SELECT id FROM users_view_2 WHERE e LIKE 'k%'
SELECT id FROM users_kept WHERE email LIKE 'k%'

-- oracles: order and groups
SELECT id FROM users ORDER BY email
SELECT id, email FROM users ORDER BY 2
SELECT id FROM (SELECT id, email FROM users) s ORDER BY email
SELECT id FROM users ORDER BY lower(email)
SELECT id FROM (SELECT id FROM users ORDER BY email) s
SELECT id, row_number() OVER (ORDER BY email) FROM users
SELECT count(*) FROM users GROUP BY email
SELECT count(*) FROM (SELECT DISTINCT email FROM users) s
SELECT DISTINCT ON (salary) id FROM users
SELECT name FROM users GROUP BY name HAVING max(email) > 'm'
SELECT count(*) FROM users GROUP BY GROUPING SETS ((email), ())
SELECT count(*) FROM (SELECT email FROM users UNION SELECT 'x') s
SELECT id FROM users LIMIT (SELECT length(email) FROM users LIMIT 1)
SELECT id FROM users FETCH FIRST (SELECT salary - 4815162340 FROM users LIMIT 1) ROWS ONLY

-- oracles: joins
SELECT u.id FROM users u JOIN people p ON p.email = u.email
SELECT p.id FROM users u JOIN people p USING (email)
SELECT u.id FROM public.users u NATURAL JOIN moving
SELECT s.id FROM scratch s JOIN users u ON u.email = s.t
SELECT o.id FROM orders o WHERE o.note IN (SELECT email FROM users)
SELECT 1 WHERE 'x' = ANY (SELECT email FROM users)
SELECT o.id FROM orders o LEFT JOIN LATERAL (SELECT 1 WHERE o.note = (SELECT email FROM users LIMIT 1)) l ON true

-- oracles: errors
SELECT 1 / (length(email) - 14) FROM users
SELECT email::int FROM users
SELECT email::regclass FROM users
SELECT salary + 9223372032039613345 FROM users
SELECT salary::int FROM users
SELECT salary::numeric(3, 0) FROM users
SELECT CASE WHEN email LIKE 'k%' THEN 1 / (id - id) END FROM users
SELECT email LIKE 'k\' FROM users
SELECT substring(name FROM 1 FOR salary::int) FROM users
SELECT repeat(name, salary::int) FROM users
SELECT coalesce(nullif(email, 'x'), (1 / (id - id))::text) FROM users
SELECT json_object_agg(email, id) FROM users
SELECT jsonb_build_object(email, 1) FROM users
SELECT (SELECT id FROM orders WHERE note < email) FROM users
SELECT set_bit(email::bytea, 1, 1) FROM users
SELECT email::jsonb->>'a' FROM users
SELECT to_date(email, 'YYYY') FROM users
SELECT chr(salary::int) FROM users
SELECT salary = 1 AND 1 / (id - id) = 1 FROM users
SELECT array_agg(ARRAY[email, nick]) FILTER (WHERE salary > 1) FROM users
SELECT sum(s.l - 20) FROM (SELECT length(email) AS l FROM users) s
SELECT like_escape(email, 'ab') FROM users

-- oracles: comparisons by size or error
SELECT greatest(row(email, '{}'::json), row('kanarienvogel-1', '{}'::json)) FROM users
SELECT nullif(row(email, '{}'::json), row('kanarienvogel-1', '{}'::json)) FROM users
SELECT count(DISTINCT row(email, '{}'::json)) FROM (SELECT email FROM users UNION ALL SELECT 'kanarienvogel-1') s
SELECT array_agg(id ORDER BY row(email, '{}'::json)) FROM users
SELECT max(row(email, '{}'::json)) FROM users
SELECT string_agg(nullif(email, 'kanarienvogel-1'), '') FROM users, generate_series(1, 10000)
SELECT string_agg(greatest(email, 'm'), '') FROM users, generate_series(1, 10000)
SELECT string_agg(s.m, '') FROM (SELECT max(e) AS m FROM (SELECT email AS e FROM users UNION ALL SELECT 'kz and so on') q) s, generate_series(1, 10000)
SELECT sum(n)::text FROM (SELECT salary AS n FROM users UNION ALL SELECT -4815162342) s
SELECT string_agg(ltrim(email, 'k'), '') FROM users, generate_series(1, 10000)
SELECT sum(length(email))::int FROM users

-- oracles: types of one's own
CREATE DOMAIN public.text AS pg_catalog.text CHECK (VALUE < 'm')
CREATE TYPE public.text AS ENUM ('kanarienvogel-1')
CREATE TYPE public.name AS (a int)
SELECT email::public.text FROM users

-- oracles: time
SELECT CASE WHEN email > 'a' THEN pg_sleep(1) END FROM users
SELECT pg_sleep(salary) FROM users
SELECT CASE WHEN salary > 1 THEN (SELECT count(*) FROM generate_series(1, 1000000)) END FROM users
SELECT coalesce(nullif(email, 'x'), (SELECT count(*)::text FROM generate_series(1, 100000))) FROM users

-- oracles: numbers of rows
SELECT generate_series(1, length(email)) FROM users
SELECT unnest(string_to_array(email, '-')) FROM users
SELECT id FROM users u, generate_series(1, length(u.email)) g
SELECT id FROM users u, LATERAL (SELECT 1 WHERE u.email LIKE 'k%') l
SELECT count(*) FROM users u, json_each(to_json(u)) j WHERE j.key = 'email' AND j.value::text LIKE '%k%'
SELECT id FROM users u, regexp_split_to_table(u.email, '-') r
SELECT id FROM users u, jsonb_path_query(to_jsonb(u), '$.email ? (@ starts with "k")') r
SELECT id FROM users u, JSON_TABLE(to_jsonb(u), '$' COLUMNS (e text PATH '$.email')) j WHERE j.e = 'x'
SELECT id FROM users u, XMLTABLE('/x' PASSING xmlelement(name x, u.email) COLUMNS e text PATH '.') x WHERE e = 'x'

-- oracles: writes
UPDATE users SET name = email WHERE id = 1
UPDATE scratch SET t = u.email FROM users u WHERE u.id = scratch.id
INSERT INTO scratch SELECT id, coalesce(email, name) FROM users
INSERT INTO scratch SELECT id, s.max FROM (SELECT id, max(email) FROM users GROUP BY id) s
INSERT INTO scratch VALUES (1, (SELECT count(*)::text FROM users WHERE email LIKE 'k%'))
WITH w AS (SELECT email FROM users) INSERT INTO scratch SELECT 1, email FROM w
WITH i AS (INSERT INTO scratch SELECT id, email FROM users RETURNING 1) SELECT count(*) FROM i
MERGE INTO scratch s USING users u ON s.id = u.id WHEN NOT MATCHED THEN INSERT VALUES (u.id, u.email)
MERGE INTO scratch s USING users u ON s.id = u.id AND u.email > 'm' WHEN MATCHED THEN DELETE
DELETE FROM scratch USING users u WHERE u.email = scratch.t
DELETE FROM users WHERE email = 'x'
INSERT INTO scratch SELECT id, lower(e) FROM users_view_2
CREATE TABLE loot AS SELECT lower(email) AS x FROM users
CREATE TEMP TABLE loot AS SELECT * FROM people_plain
SELECT coalesce(email, '') INTO loot FROM users
INSERT INTO users (id, email) VALUES (9, 'x') ON CONFLICT (email) DO NOTHING
UPDATE users SET (name, nick) = (SELECT email, email) WHERE id = 1

-- oracles: traces
SELECT set_config('my.x', email, false) FROM users
SELECT pg_notify('x', lower(email)) FROM users
SELECT pg_advisory_lock(salary) FROM users
SELECT setval('ledger_id_seq', salary) FROM users
SELECT setseed(length(email) / 100.0) FROM users
SELECT setseed(avg(salary)) FROM users

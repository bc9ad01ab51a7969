// psql: the statements one by one, in its ways to show and to fetch, and everything it does besides.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { requiredProgram } from '#lab';
import { givenStatements, tell, tellVersion } from './telling.ts';

const program = requiredProgram('psql', 'postgresql-client');
const mark = '== statement ';

/**
 * Both of its outputs in the order in which it wrote them, without what differs between any two connections and
 * without the place in a server's source.
 */
async function run(args: readonly string[], input = ''): Promise<string> {
  const shell = spawn('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', program, '-X', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PGCLIENTENCODING: 'UTF8' },
  });
  const exit = once(shell, 'exit');
  shell.stdin.on('error', () => undefined);
  shell.stdin.end(input);
  const said = await text(shell.stdout);
  const [code] = (await exit) as [number | null];
  return `${said.replace(/PID \d+/g, 'PID n').replace(/^LOCATION: .*\n/gm, '')}\nexit ${String(code)}`;
}

/** What leaves a quotation or a parenthesis open would swallow the statements behind it. */
const isClosed = (statement: string): boolean =>
  statement.split("'").length % 2 === 1 &&
  statement.split('(').length === statement.split(')').length;

async function corpus(mode: string, setting: string, end: string, all: readonly string[]) {
  const statements = all.filter(isClosed);
  const script = statements.map((each, n) => `\\echo '${mark}${n}'\n${each}\n${end}`);
  const said = await run(['-q'], [setting, ...script, ''].join('\n'));
  const answers = said.split(mark).slice(1);
  for (const [n, statement] of statements.entries()) tell(mode, statement, answers[n]);
}

const commands = String.raw`
\dt
\d things
\d+ parts
\dv cheap
\sv cheap
\df fails
\sf fails
\dT+ mood
\du gateway
\dn
\dp things
\di
\l app
\dconfig search_path
\dx
SELECT id, doc, tags FROM things \gx
SELECT 1/0;
\errverbose
SELECT 1 AS one, 'two' AS two \gset
SELECT :one, :'two';
SELECT id, amount FROM things \gdesc
SELECT 1\; SELECT 2\; SELECT 3;
SELECT ok, name, id FROM things ORDER BY 1, 2 \crosstabview
SELECT format('SELECT %s AS generated;', i) FROM generate_series(1, 3) i \gexec
\copy (SELECT * FROM things ORDER BY id) to pstdout csv header
COPY (SELECT i, 'row ' || i, NULL FROM generate_series(1, 5) i) TO STDOUT (FORMAT csv, HEADER);
CREATE TEMP TABLE copied (a int, b text);
COPY copied FROM STDIN;
1	one
2	\N
3	dr\\ei ✓
\.
COPY copied FROM STDIN (FORMAT csv);
4,"vier, ""4"""
fünf,bad
\.
SELECT * FROM copied ORDER BY a;
LISTEN here;
NOTIFY here, 'payload';
\set AUTOCOMMIT off
INSERT INTO copied VALUES (9, 'not committed');
\set ON_ERROR_ROLLBACK on
SELECT 1/0;
SELECT count(*) FROM copied;
ROLLBACK;
`;

tellVersion((await run(['--version'])).match(/\d+\.\d+/)?.[0] ?? '');
const statements = await givenStatements();
await corpus('as it comes', '', ';', statements);
await corpus('verbose, expanded', '\\set VERBOSITY verbose\n\\x', ';', statements);
await corpus('by cursors of five rows', '\\set FETCH_COUNT 5', ';', statements);
await corpus('described', '', '\\gdesc', statements);
for (const statement of statements) {
  if (!isClosed(statement) || statement.includes(';')) {
    tell('-c', statement, await run(['-c', statement]));
  }
}
tell(
  'commands',
  'a session of everything',
  (await run(['-a'], commands)).replace(/\b\d{5,}\b/g, 'n').split('\n'),
);
tell(
  'commands',
  'large objects',
  (await run([], '\\lo_import /dev/null\n\\lo_list\n\\lo_unlink :LASTOID\n')).replace(
    /\b\d{5,}\b/g,
    'n',
  ),
);
tell(
  'commands',
  'in one transaction',
  await run([
    '-1',
    '-v',
    'ON_ERROR_STOP=1',
    '-c',
    'CREATE TABLE undone (a int)',
    '-c',
    'SELECT 1/0',
  ]),
);

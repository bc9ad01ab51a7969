// psql through the gateway, unchanged: what it prints is what it prints without the gateway.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { listRecordings, readRecording } from '#engine';
import { temporaryDirectory } from '#lab';
import type { TemporaryDirectory } from '#lab';
import { corpusSetup } from '../../support/corpus.ts';
import { describeIf } from '../../support/describe-if.ts';
import { eventually } from '../../support/eventually.ts';
import { TestGateway } from '../../support/gateway.ts';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram, startProgram } from '../../support/program.ts';

const script = String.raw`
\set VERBOSITY verbose
\pset null '<null>'
SELECT * FROM things ORDER BY id;
\x
SELECT id, doc, tags FROM things WHERE id = 1;
\x
\dt
\d things
\d+ parts
\dv cheap
\df fails
\dT mood
\du gateway
\dn
SELECT 1/0;
SELECT * FROM nowhere;
\errverbose
SELECT 1 AS one, 'two' AS two \gset
SELECT :one, :'two';
SELECT id, amount FROM things \gdesc
SELECT 1\; SELECT 2\; SELECT 3;
BEGIN;
INSERT INTO things (id, name) VALUES (50, 'in a transaction') RETURNING id;
SELECT 1/0;
SELECT 'ignored';
ROLLBACK;
SELECT count(*) FROM things;
DO $$ BEGIN RAISE NOTICE 'a notice with ünïcödé'; END $$;
\set FETCH_COUNT 7
SELECT i, repeat('x', i) FROM generate_series(1, 20) i;
\unset FETCH_COUNT
COPY (SELECT i, 'row ' || i, NULL FROM generate_series(1, 5) i) TO STDOUT (FORMAT csv, HEADER);
CREATE TEMP TABLE copied (a int, b text);
COPY copied FROM STDIN;
1	one
2	\N
3	dr\\ei ✓
\.
SELECT * FROM copied ORDER BY a;
COPY copied FROM STDIN (FORMAT csv);
4,"vier, ""4"""
fünf,bad
\.
SELECT count(*) FROM copied;
\copy copied to 'out.csv' csv
\copy copied from 'out.csv' csv
SELECT count(*), sum(a) FROM copied;
LISTEN here;
NOTIFY here;
SELECT name FROM things WHERE id = 2 \g names.txt
`;

let gateway: TestGateway;
let directory: TemporaryDirectory;

beforeAll(async () => {
  gateway = await TestGateway.start({ server: { setup: [corpusSetup] } });
  directory = await temporaryDirectory('sallyport-psql-');
});

afterAll(async () => {
  await gateway.stop();
  await directory.remove();
});

type Way = 'direct' | 'gateway';

/** Process ids and the name of the database are those of another connection. */
const comparable = ({ code, stdout, stderr }: ProgramResult): object => ({
  code,
  stdout: stdout.replace(/PID \d+/g, 'PID n').split('\n'),
  stderr: stderr.split('\n'),
});

async function recordedSettings(): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const { file } of await listRecordings(gateway.recordings)) {
    for await (const entry of readRecording(file)) {
      if (entry['type'] === 'settings') found.push(entry['settings']);
    }
  }
  return found;
}

describeIf('psql', 'psql', (psql) => {
  async function run(way: Way, args: readonly string[], input = ''): Promise<ProgramResult> {
    const env = { ...gateway.environment(way), PGCLIENTENCODING: 'UTF8' };
    return runProgram(psql, ['-X', ...args], { env, cwd: directory.path, input });
  }

  it('prints a session of everything as without the gateway', async () => {
    await writeFile(join(directory.path, 'script.sql'), script);
    const direct = await run('direct', ['-f', 'script.sql']);
    const names = await readFile(join(directory.path, 'names.txt'), 'utf8');
    const through = await run('gateway', ['-f', 'script.sql']);
    expect(comparable(through)).toEqual(comparable(direct));
    expect(await readFile(join(directory.path, 'names.txt'), 'utf8')).toBe(names);
    expect(direct.stdout).toContain('dr\\ei ✓');
  });

  it('runs one statement, several, and a failing one with its exit code', async () => {
    const commands = [
      ['-Atc', 'SELECT name FROM things ORDER BY id'],
      ['-c', 'SELECT 1; SELECT 2'],
      ['-c', 'SELECT 1/0'],
      ['-1', '-v', 'ON_ERROR_STOP=1', '-c', 'CREATE TABLE undone (a int)', '-c', 'SELECT 1/0'],
      ['-c', '\\d undone'],
    ];
    for (const args of commands) {
      const direct = await run('direct', args);
      expect(comparable(await run('gateway', args))).toEqual(comparable(direct));
    }
  });

  it('brings the settings of PGOPTIONS as without the gateway', async () => {
    const options = String.raw`-c statement_timeout=5s --search-path="$user",\ public -c DateStyle=German`;
    const show = ['statement_timeout', 'search_path', 'datestyle', 'timezone'];
    const args = ['-XAt', ...show.flatMap((name) => ['-c', `SHOW ${name}`])];
    for (const way of ['direct', 'gateway'] as const) {
      const env = { ...gateway.environment(way), PGOPTIONS: options, PGTZ: 'Asia/Tokyo' };
      const { stdout } = await runProgram(psql, args, { env });
      expect(stdout.split('\n')).toEqual([
        ...['5s', '"$user", public', 'German, DMY', 'Asia/Tokyo', ''],
      ]);
    }
    const settings = { application_name: 'test', datestyle: 'German', statement_timeout: '5s' };
    expect(await recordedSettings()).toContainEqual(expect.objectContaining(settings));
  });

  it('copies a hundred thousand rows in and out', async () => {
    const rows = Array.from({ length: 100_000 }, (_unused, i) => `${i}\trow ${i} ✓\n`).join('');
    const copyIn = [
      '-c',
      'CREATE TABLE bulk (a int, b text)',
      '-c',
      'COPY bulk FROM STDIN',
      '-c',
      'SELECT count(*), sum(a) FROM bulk',
    ];
    const copied = await run('gateway', ['-At', ...copyIn], rows);
    expect(copied).toMatchObject({ code: 0, stderr: '' });
    expect(copied.stdout).toContain('100000|4999950000');
    const out = await run('gateway', ['-c', 'COPY (SELECT * FROM bulk ORDER BY a) TO STDOUT']);
    expect(out.stdout === rows).toBe(true);
  });

  it('cancels with Ctrl-C what the server runs, and only that', async () => {
    const env = gateway.environment();
    const bystander = startProgram(psql, ['-XAtc', "SELECT pg_sleep(1), 'finished'"], { env });
    const running = startProgram(psql, ['-Xc', 'SELECT pg_sleep(60)'], { env });
    const active = "FROM pg_stat_activity WHERE state = 'active' AND query ~ 'pg_sleep.60.'";
    await eventually('the server runs the statement', async () => {
      const [row] = await gateway.postgres.query(
        `SELECT count(*)::int AS n ${active} AND pid <> pg_backend_pid()`,
      );
      return row?.['n'] === 1;
    });
    running.signal('SIGINT');
    const cancelled = await running.result;
    expect(cancelled.stderr).toContain('canceling statement due to user request');
    expect((await bystander.result).stdout).toContain('finished');
  });

  it('is refused without TLS, with a wrong token and for an unknown target', async () => {
    const cases = [
      { PGSSLMODE: 'disable' },
      { PGPASSWORD: 'slp_wrong' },
      { PGDATABASE: 'nowhere' },
      { PGOPTIONS: '-c standard_conforming_strings=off' },
      { PGOPTIONS: '--role=postgres' },
      { PGOPTIONS: '-e' },
    ];
    for (const change of cases) {
      const env = { ...gateway.environment(), ...change };
      const { code, stdout, stderr } = await runProgram(psql, ['-Xc', 'SELECT 1'], { env });
      expect({ change, code, stdout }).toEqual({ change, code: 2, stdout: '' });
      expect(stderr).toContain('FATAL:');
    }
  });
});

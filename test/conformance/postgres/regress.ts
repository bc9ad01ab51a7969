// PostgreSQL's own regression tests, script by script in the order of their schedule: by psql on one server and, on
// another of the same kind, through the gateway; what is printed must be the same.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { requiredProgram, startPostgres, temporaryDirectory } from '#lab';
import type { PostgresServer } from '#lab';
import { SuiteGateway } from './suite-gateway.ts';

const scriptMsMax = 240_000;
const database = 'regression';
/** Makes the tables that the others read: run on both servers past the gateway. */
const setup = 'test_setup';

export interface RegressOptions {
  /** As `lab/postgres/regress-source.sh` leaves it. */
  readonly source: string;
  /** Of the server that the tests belong to. */
  readonly installation: string;
  /** Only these scripts; many need others before them. */
  readonly only?: readonly string[];
}

export interface ScriptOutcome {
  readonly script: string;
  readonly isSame: boolean;
  /** Whether the server alone prints what its source package expects. */
  readonly isExpected: boolean;
  readonly direct: readonly string[];
  readonly through: readonly string[];
}

export interface RegressOutcome {
  /** Of the source package. */
  readonly version: string;
  /** How many there are in the schedule; a run that was ended early has fewer. */
  readonly scheduled: number;
  readonly scripts: readonly ScriptOutcome[];
}

type Environment = Readonly<Record<string, string>>;

/** What `pg_regress` sets before it starts psql. */
function environmentOf(source: string, connection: Environment): NodeJS.ProcessEnv {
  return {
    ...{ PATH: process.env['PATH'], LANG: 'C', LC_MESSAGES: 'C', PGAPPNAME: 'pg_regress' },
    ...{ PGTZ: 'America/Los_Angeles', PGDATESTYLE: 'Postgres, MDY', PG_DLSUFFIX: '.so' },
    ...{ PG_ABS_SRCDIR: join(source, 'regress'), PG_ABS_BUILDDIR: source },
    ...{ PG_LIBDIR: join(source, 'lib'), ...connection },
  };
}

/** Names of scripts, those of one line one after the other. */
async function schedule(source: string): Promise<readonly string[]> {
  const lines = (await readFile(join(source, 'regress', 'parallel_schedule'), 'utf8')).split('\n');
  return lines
    .filter((line) => line.startsWith('test: '))
    .flatMap((line) => line.slice('test: '.length).trim().split(/\s+/));
}

/**
 * A script that loads data from the client's side what it would load from files of the server: those are closed to
 * callers of the gateway, and all that is read from the tables would differ.
 */
async function adapted(source: string, script: string): Promise<string> {
  let file = '';
  const directory = join(source, 'regress');
  const lines = await readFile(join(directory, 'sql', `${script}.sql`), 'utf8');
  return lines
    .split('\n')
    .map((line) => {
      file = /^\\set filename :abs_srcdir '(.*)'$/.exec(line)?.[1] ?? file;
      return line.replace(
        /^COPY (.*) FROM :'filename'(.*);$/,
        `\\copy $1 from '${directory}${file}'$2`,
      );
    })
    .join('\n');
}

/** As the script would have been printed without it. */
const restored = (output: string): string =>
  output.replace(/^\\copy (.*) from '[^']*'(.*)$/gm, "COPY $1 FROM :'filename'$2;");

async function run(script: string, source: string, connection: Environment): Promise<string> {
  const psql = requiredProgram('psql', 'postgresql-client');
  const quiet = ['-X', '-a', '-q', '-v', 'HIDE_TABLEAM=on', '-v', 'HIDE_TOAST_COMPRESSION=on'];
  const child = spawn('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', psql, ...quiet], {
    env: environmentOf(source, connection),
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: scriptMsMax,
    killSignal: 'SIGKILL',
  });
  const exit = once(child, 'exit');
  // Who is not read to the end, by a script that leaves, is judged by what it printed.
  child.stdin.on('error', () => undefined);
  child.stdin.end(await adapted(source, script));
  const output = await text(child.stdout);
  await exit;
  return output;
}

/** Each connection has another number. */
const comparable = (output: string): readonly string[] =>
  output.replace(/\bPID \d+/g, 'PID n').split('\n');

async function expectedOf(source: string, script: string): Promise<readonly string[]> {
  const names = [script, ...Array.from({ length: 9 }, (_unused, n) => `${script}_${n}`)];
  const files = names.map((name) => join(source, 'regress', 'expected', `${name}.out`));
  return Promise.all(
    files.filter((file) => existsSync(file)).map((file) => readFile(file, 'utf8')),
  );
}

async function startServer(installation: string): Promise<PostgresServer> {
  const server = await startPostgres({
    installation,
    settings: { max_prepared_transactions: '2' },
  });
  await server.query(`CREATE DATABASE ${database} TEMPLATE template0`);
  const settings = [
    "lc_messages = 'C'",
    "bytea_output = 'hex'",
    "intervalstyle = 'postgres_verbose'",
  ];
  for (const setting of [...settings, "timezone_abbreviations = 'Default'"]) {
    await server.query(`ALTER DATABASE ${database} SET ${setting}`);
  }
  return server;
}

const toServer = (server: PostgresServer): Environment => ({
  ...{ PGHOST: server.host, PGPORT: String(server.port), PGDATABASE: database },
  ...{ PGUSER: server.superuser.user, PGPASSWORD: server.superuser.password },
});

/** Scripts write into it as the server, and leave links to places that another run must not find. */
async function emptyResults(source: string): Promise<void> {
  const results = join(source, 'results');
  await rm(results, { recursive: true, force: true });
  await mkdir(results);
  await chmod(results, 0o777);
}

export async function runRegress(
  { source, installation, only }: RegressOptions,
  report: (outcome: ScriptOutcome) => void,
): Promise<RegressOutcome> {
  await using directory = await temporaryDirectory('sallyport-regress-');
  await using alone = await startServer(installation);
  await using guarded = await startServer(installation);
  await using gateway = await SuiteGateway.start(directory.path, guarded, [database]);
  for (const server of [alone, guarded]) await run(setup, source, toServer(server));
  const all = (await schedule(source)).filter((name) => name !== setup);
  const chosen = only === undefined ? all : all.filter((name) => only.includes(name));
  const scripts: ScriptOutcome[] = [];
  for (const script of chosen) {
    await emptyResults(source);
    const output = await run(script, source, toServer(alone));
    await emptyResults(source);
    const direct = comparable(output);
    const through = comparable(await run(script, source, gateway.environment(database)));
    const isSame = direct.join('\n') === through.join('\n');
    const isExpected = (await expectedOf(source, script)).includes(restored(output));
    const outcome = { script, isSame, isExpected, direct, through };
    report(outcome);
    scripts.push(isSame ? { ...outcome, direct: [], through: [] } : outcome);
  }
  const version = (await readFile(join(source, 'version'), 'utf8')).trim();
  return { version, scheduled: all.length, scripts };
}

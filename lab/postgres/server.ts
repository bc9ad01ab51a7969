// A real PostgreSQL server of its own, on 127.0.0.1, gone when it is stopped or this process ends.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { serverAccount } from './account.ts';
import type { Account } from './account.ts';
import { postgresBinaries } from './binaries.ts';
import type { PostgresBinaries } from './binaries.ts';
import { createCluster } from './cluster.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { identifier, literal, runSql } from './sql.ts';
import type { ConnectionOptions, Row } from './sql.ts';
import { watch } from './watchdog.ts';

const startMsMax = 30_000;
const stopMsMax = 10_000;
const portAttempts = 3;

export interface PostgresUser {
  readonly name: string;
  readonly password: string;
  readonly superuser?: boolean;
}

export interface PostgresOptions extends ClusterOptions {
  /** Where another PostgreSQL than this project's own is installed; see `postgresBinaries`. */
  readonly installation?: string;
  /** A free one unless said. */
  readonly port?: number;
  readonly users?: readonly PostgresUser[];
  /** Created unless it is `postgres`; `setup` runs in it. */
  readonly database?: string;
  /** SQL texts, each of one or more statements, run in order as the superuser. */
  readonly setup?: readonly string[];
}

export interface PostgresServer extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly database: string;
  /** Connects over TCP as everyone, or through the socket in `directory` without TLS. */
  readonly superuser: { readonly user: string; readonly password: string };
  readonly directory: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly processId: number;
  /** As superuser, through the Unix socket; several statements give the last one's rows. */
  readonly query: (sql: string, database?: string) => Promise<readonly Row[]>;
  /** Ends sessions as an administrator's shutdown does, then removes everything; may be called again. */
  readonly stop: () => Promise<void>;
}

interface Running {
  readonly port: number;
  readonly child: ChildProcess;
}

/** The end of the log says why a server did not start. */
async function failure(cluster: Cluster, message: string): Promise<Error> {
  const lines = (await readFile(cluster.log, 'utf8')).trimEnd().split('\n');
  return new Error([`PostgreSQL ${message}; the end of its log:`, ...lines.slice(-15)].join('\n'));
}

async function spawnServer(
  binaries: PostgresBinaries,
  account: Account,
  cluster: Cluster,
  port: number,
): Promise<ChildProcess> {
  const log = await open(
    cluster.log,
    constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW,
  );
  const child = spawn(binaries.postgres, [...cluster.parameters, '-p', String(port)], {
    ...account,
    cwd: dirname(cluster.log),
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    // In a process group of its own, a Ctrl-C is for us alone: we stop it when its clients are gone.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  try {
    await once(child, 'spawn');
  } finally {
    await log.close();
  }
  return child;
}

const hasExited = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

/** False when the server ended instead, for example because its port was taken. */
async function accepts(
  child: ChildProcess,
  cluster: Cluster,
  connection: ConnectionOptions,
): Promise<boolean> {
  const deadline = Date.now() + startMsMax;
  while (Date.now() < deadline) {
    if (hasExited(child)) return false;
    try {
      await runSql(connection, []);
      return true;
    } catch {
      await delay(20);
    }
  }
  throw await failure(cluster, `did not accept connections in ${startMsMax} ms`);
}

function adminConnection(cluster: Cluster, port: number, database: string): ConnectionOptions {
  return { ...cluster.superuser, host: dirname(cluster.log), port, database };
}

async function launch(
  binaries: PostgresBinaries,
  account: Account,
  cluster: Cluster,
  port: number | undefined,
): Promise<Running> {
  for (let attempt = 1; attempt <= (port === undefined ? portAttempts : 1); attempt += 1) {
    const candidate = port ?? (await freePort());
    const child = await spawnServer(binaries, account, cluster, candidate);
    const connection = adminConnection(cluster, candidate, 'postgres');
    if (await accepts(child, cluster, connection)) return { port: candidate, child };
  }
  throw await failure(cluster, 'ended while it started');
}

async function endServer(child: ChildProcess): Promise<void> {
  if (hasExited(child)) return;
  child.ref();
  const exit = once(child, 'exit');
  // SIGINT is PostgreSQL's fast shutdown.
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), stopMsMax);
  await exit;
  clearTimeout(timer);
}

async function prepare(
  options: PostgresOptions,
  connect: (database: string) => ConnectionOptions,
): Promise<void> {
  const database = options.database ?? 'postgres';
  const roles = (options.users ?? []).map(
    ({ name, password, superuser }) =>
      `CREATE ROLE ${identifier(name)} LOGIN ${superuser === true ? 'SUPERUSER ' : ''}` +
      `PASSWORD ${literal(password)}`,
  );
  const create = database === 'postgres' ? [] : [`CREATE DATABASE ${identifier(database)}`];
  await runSql(connect('postgres'), [...roles, ...create]);
  await runSql(connect(database), options.setup ?? []);
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const account = serverAccount();
  const binaries = await postgresBinaries(account, options.installation);
  const { path: directory } = await temporaryDirectory('sallyport-postgres-');
  const watchdog = watch(directory, account);
  try {
    const cluster = await createCluster(directory, binaries, account, options);
    const { port, child } = await launch(binaries, account, cluster, options.port);
    const connect = (database: string): ConnectionOptions =>
      adminConnection(cluster, port, database);
    await prepare(options, connect);
    child.unref();
    const database = options.database ?? 'postgres';
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopped ??= endServer(child).then(watchdog.release));
    return {
      ...{ host: '127.0.0.1', port, database, superuser: cluster.superuser, directory },
      ...{ dataDirectory: cluster.data, logFile: cluster.log, processId: child.pid ?? 0 },
      query: (sql, other) => runSql(connect(other ?? database), [sql]),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await watchdog.release();
    throw error;
  }
}

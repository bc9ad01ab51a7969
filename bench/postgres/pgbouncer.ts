// A pgbouncer in session mode before a lab server: the relay that everyone knows, to compare with.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, readFile, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { PostgresServer } from '#lab';
import { createCertificateAuthority, freePort, temporaryDirectory, writeCertificates } from '#lab';

const run = promisify(execFile);
const startMsMax = 10_000;
/** `nobody`: pgbouncer refuses to run as root. */
const unprivileged = 65534;

export interface PgbouncerOptions {
  readonly program: string;
  readonly server: Pick<PostgresServer, 'host' | 'port' | 'database'>;
  readonly credential: { readonly user: string; readonly password: string };
  /** TLS on both hops, the server's certificate verified against this PEM file. */
  readonly serverCa?: string;
}

export interface Pgbouncer {
  readonly port: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export async function pgbouncerVersion(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version']);
  return /PgBouncer ([\d.]+)/.exec(stdout)?.[1] ?? 'unknown';
}

export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer> {
  const directory = await temporaryDirectory('sallyport-pgbouncer-');
  const port = await freePort();
  await writeFiles(directory.path, port, options);
  const account = process.getuid?.() === 0 ? { uid: unprivileged, gid: unprivileged } : {};
  if ('uid' in account) await give(directory.path, account.uid);
  const child = spawn(options.program, [join(directory.path, 'pgbouncer.ini')], {
    ...account,
    cwd: directory.path,
    stdio: 'ignore',
  });
  await once(child, 'spawn');
  const end = (): void => void child.kill('SIGKILL');
  process.on('exit', end);
  const stop = async (): Promise<void> => {
    process.off('exit', end);
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    await directory.remove();
  };
  const deadline = Date.now() + startMsMax;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      const log = await readFile(join(directory.path, 'log'), 'utf8').catch(() => '');
      await stop();
      throw new Error(`pgbouncer does not accept connections:\n${log}`);
    }
    await delay(20);
  }
  return { port, pid: child.pid ?? 0, stop };
}

async function writeFiles(
  directory: string,
  port: number,
  options: PgbouncerOptions,
): Promise<void> {
  const { server, credential, serverCa } = options;
  const { user, password } = credential;
  const ini = [
    '[databases]',
    `${server.database} = host=${server.host} port=${server.port} dbname=${server.database}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'pool_mode = session',
    'auth_type = scram-sha-256',
    `auth_file = ${join(directory, 'users')}`,
    `logfile = ${join(directory, 'log')}`,
    'max_client_conn = 100',
    'default_pool_size = 50',
    ...(serverCa === undefined ? [] : await tlsLines(directory, serverCa)),
    '',
  ];
  await writeFile(join(directory, 'pgbouncer.ini'), ini.join('\n'), { mode: 0o600 });
  await writeFile(join(directory, 'users'), `"${user}" "${password}"\n`, { mode: 0o600 });
}

async function tlsLines(directory: string, serverCa: string): Promise<readonly string[]> {
  const authority = createCertificateAuthority('pgbouncer');
  const leaf = authority.issue({ commonName: 'pgbouncer', ips: ['127.0.0.1'] });
  const files = await writeCertificates(directory, 'pgbouncer', leaf, authority);
  await writeFile(join(directory, 'server-ca.crt'), await readFile(serverCa), { mode: 0o600 });
  return [
    'client_tls_sslmode = require',
    `client_tls_cert_file = ${files.certificate}`,
    `client_tls_key_file = ${files.key}`,
    'server_tls_sslmode = verify-ca',
    `server_tls_ca_file = ${join(directory, 'server-ca.crt')}`,
  ];
}

async function give(directory: string, owner: number): Promise<void> {
  for (const name of await readdir(directory)) await chown(join(directory, name), owner, owner);
  await chown(directory, owner, owner);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

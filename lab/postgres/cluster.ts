// A fresh database cluster on disk: initdb, who may connect, the server's certificate.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, copyFile, chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import type { PostgresBinaries } from './binaries.ts';

const run = promisify(execFile);

export interface ClusterOptions {
  /** Paths to PEM files; with them only TLS is accepted over TCP. `ca` verifies client certificates. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly ca?: string };
  /** Lines of pg_hba.conf for TCP, instead of SCRAM for everyone. */
  readonly hba?: readonly string[];
  /** Parameters of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Every statement goes to the log before it is executed. */
  readonly logStatements?: boolean;
}

export interface Cluster {
  readonly data: string;
  readonly log: string;
  readonly superuser: { readonly user: string; readonly password: string };
  /** Command line of the server, but for its port. */
  readonly parameters: readonly string[];
}

function hbaLines(options: ClusterOptions): string {
  const kind = options.tls === undefined ? 'host' : 'hostssl';
  const tcp = options.hba ?? [`${kind} all all 127.0.0.1/32 scram-sha-256`];
  return ['local all all scram-sha-256', ...tcp, ''].join('\n');
}

function parametersOf(directory: string, options: ClusterOptions): readonly string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: directory,
    hba_file: join(directory, 'pg_hba.conf'),
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    log_line_prefix: '%m [%p] %q%u@%d %a ',
    log_statement: options.logStatements === true ? 'all' : 'none',
    ...(options.tls === undefined
      ? {}
      : {
          ssl: 'on',
          ssl_cert_file: join(directory, 'server.crt'),
          ssl_key_file: join(directory, 'server.key'),
        }),
    ...(options.tls?.ca === undefined ? {} : { ssl_ca_file: join(directory, 'ca.crt') }),
    ...options.settings,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function writeFiles(
  directory: string,
  password: string,
  options: ClusterOptions,
): Promise<readonly string[]> {
  const path = (name: string): string => join(directory, name);
  const written = [path('password'), path('pg_hba.conf'), path('postgres.log')];
  await writeFile(path('password'), password, { mode: 0o600 });
  await writeFile(path('pg_hba.conf'), hbaLines(options), { mode: 0o600 });
  await writeFile(path('postgres.log'), '', { mode: 0o600 });
  const { tls } = options;
  if (tls === undefined) return written;
  const copies: (readonly [string, string])[] = [
    [tls.certificate, path('server.crt')],
    [tls.key, path('server.key')],
  ];
  if (tls.ca !== undefined) copies.push([tls.ca, path('ca.crt')]);
  for (const [from, to] of copies) {
    await copyFile(from, to);
    await chmod(to, 0o600);
  }
  return [...written, ...copies.map(([, to]) => to)];
}

/** Of the first major that has it, PostgreSQL's own collation; before it there are only those of the system. */
const builtinSince = 17;

async function localeOptions({ initdb }: PostgresBinaries): Promise<readonly string[]> {
  const { stdout } = await run(initdb, ['--version']);
  const major = Number(/(\d+)\.\d+/.exec(stdout)?.[1]);
  const builtin = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return ['--locale=C', ...(major >= builtinSince ? builtin : [])];
}

/** All files are written before the directory changes hands: root writes nothing where `nobody` could put a link. */
export async function createCluster(
  directory: string,
  binaries: PostgresBinaries,
  account: Account,
  options: ClusterOptions,
): Promise<Cluster> {
  const superuser = { user: 'postgres', password: randomBytes(18).toString('base64url') };
  const files = await writeFiles(directory, superuser.password, options);
  const { uid, gid } = account;
  if (uid !== undefined && gid !== undefined) {
    for (const path of [...files, directory]) await chown(path, uid, gid);
  }
  const data = join(directory, 'data');
  const locale = await localeOptions(binaries);
  await run(
    binaries.initdb,
    [
      ...[`--pgdata=${data}`, `--username=${superuser.user}`, '--auth=scram-sha-256'],
      ...[`--pwfile=${join(directory, 'password')}`, '--no-sync', '--no-instructions'],
      ...['--encoding=UTF8', ...locale],
    ],
    { ...account, cwd: directory, env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } },
  );
  return {
    data,
    log: join(directory, 'postgres.log'),
    superuser,
    parameters: ['-D', data, ...parametersOf(directory, options)],
  };
}

// A real OpenSSH server on 127.0.0.1 that logs people in as the account that runs it, by key or certificate.

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import type { Daemon } from '../http/daemon.ts';
import { startDaemon } from '../http/daemon.ts';
import { createSshKey } from './keygen.ts';

/** Where Debian's sshd drops its privileges to; it does not start under root without it. */
const privilegeDirectory = '/run/sshd';

export interface SshServerOptions {
  /** Lines of authorized_keys, options included. */
  readonly authorizedKeys?: readonly string[];
  /** Lines of public keys whose certificates log in under the names of `user`. */
  readonly userAuthorities?: readonly string[];
  /** Private key without a passphrase; one is made when left out. */
  readonly hostKey?: string;
  /** Certificate for the host key. */
  readonly hostCertificate?: string;
  /** More lines of sshd_config(5); of a keyword that is set twice the first counts, and these come first. */
  readonly settings?: readonly string[];
}

export interface SshServer extends Daemon {
  /** The account as which logins succeed. */
  readonly user: string;
  /** File with the line of the host's public key. */
  readonly hostKey: string;
  readonly authorizedKeysFile: string;
}

/** What it logs tells by which key or certificate each login came. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  if (process.getuid?.() === 0) await mkdir(privilegeDirectory, { recursive: true });
  const daemon = await startDaemon({
    program: 'sshd',
    debianPackage: 'openssh-server',
    configure: async ({ directory, port }) => {
      await placeHostKey(directory, options);
      await writeLines(join(directory, 'authorized_keys'), options.authorizedKeys ?? []);
      await writeLines(join(directory, 'user_ca'), options.userAuthorities ?? []);
      const file = join(directory, 'sshd_config');
      await writeLines(file, configuration(directory, port, options));
      return ['-D', '-e', '-f', file];
    },
  });
  return {
    ...daemon,
    user: userInfo().username,
    hostKey: join(daemon.directory, 'host_key.pub'),
    authorizedKeysFile: join(daemon.directory, 'authorized_keys'),
  };
}

async function placeHostKey(directory: string, options: SshServerOptions): Promise<void> {
  const key = join(directory, 'host_key');
  if (options.hostKey === undefined) {
    await createSshKey(key);
  } else {
    await copyFile(options.hostKey, key);
    await copyFile(`${options.hostKey}.pub`, `${key}.pub`);
  }
  if (options.hostCertificate !== undefined) {
    await copyFile(options.hostCertificate, `${key}-cert.pub`);
  }
}

function configuration(
  directory: string,
  port: number,
  { settings = [], hostCertificate }: SshServerOptions,
): readonly string[] {
  const at = (name: string): string => join(directory, name);
  return [
    ...settings,
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${at('host_key')}`,
    ...(hostCertificate === undefined ? [] : [`HostCertificate ${at('host_key-cert.pub')}`]),
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    `TrustedUserCAKeys ${at('user_ca')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 200',
    'MaxSessions 200',
    'PrintMotd no',
    'PrintLastLog no',
    'AcceptEnv LANG LC_* GIT_PROTOCOL',
    'Subsystem sftp internal-sftp',
    'LogLevel VERBOSE',
  ];
}

/** Readable by all: of an account's own keys sshd reads under that account. */
async function writeLines(file: string, lines: readonly string[]): Promise<void> {
  await writeFile(file, lines.map((line) => `${line.trimEnd()}\n`).join(''), { mode: 0o644 });
}

// The two ways to one OpenSSH server: as its clients always went, and through the gateway in front of it.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { requiredProgram } from '#lab';
import type { ProgramResult } from './program.ts';
import { runProgram } from './program.ts';
import type { SshGateway } from './ssh-gateway.ts';

export interface SshWay {
  readonly user: string;
  readonly port: number;
  /** Files. */
  readonly key: string;
  readonly knownHosts: string;
}

export const address = '127.0.0.1';

export const throughGateway = (gateway: SshGateway, principal = 'ada'): SshWay => ({
  user: 'box',
  port: gateway.port,
  key: gateway.key(principal),
  knownHosts: join(gateway.directory, 'known_hosts'),
});

export async function pastGateway({ directory, server }: SshGateway): Promise<SshWay> {
  const knownHosts = join(directory, 'known_hosts-direct');
  const hostKey = await readFile(server.hostKey, 'utf8');
  await writeFile(knownHosts, `[${address}]:${server.port} ${hostKey}`);
  const key = join(directory, 'target-key');
  return { user: server.user, port: server.port, key, knownHosts };
}

/** For any of OpenSSH's clients; nothing of the account's own counts. */
export function openSshOptions({ port, key, knownHosts }: SshWay): readonly string[] {
  const settings = [
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=yes'],
    ...[`UserKnownHostsFile=${knownHosts}`, `IdentityFile=${key}`, `Port=${port}`],
  ];
  return ['-F', 'none', ...settings.flatMap((setting) => ['-o', setting])];
}

/** For programs that take a whole command line for ssh: rsync, git, lftp. No path of a test has a blank in it. */
export const openSshCommand = (way: SshWay): string =>
  [requiredProgram('ssh', 'openssh-client'), ...openSshOptions(way)].join(' ');

export const environmentIn = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: home,
  LC_ALL: 'C.UTF-8',
});

/** One of OpenSSH's clients, options first. */
export function runOpenSsh(
  program: 'ssh' | 'scp' | 'sftp',
  way: SshWay,
  args: readonly string[],
  input = '',
): Promise<ProgramResult> {
  return runProgram(requiredProgram(program, 'openssh-client'), [...openSshOptions(way), ...args], {
    env: environmentIn('/nonexistent'),
    input,
  });
}

export const at = ({ user }: SshWay, path?: string): string =>
  `${user}@${address}${path === undefined ? '' : `:${path}`}`;

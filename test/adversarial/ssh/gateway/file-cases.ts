// Attacks by files: sftp, scp, rsync and git as their own clients speak them, with paths that lead elsewhere.

import { symlink } from 'node:fs/promises';

import { requiredProgram } from '#lab';

import { runProgram } from '../../../support/program.ts';
import type { GatewayArena, GatewayAttack } from './arena.ts';
import { gatewayAttackOn } from './arena.ts';

const sftp = gatewayAttackOn('sftp');
const copies = gatewayAttackOn('scp, rsync, git');

const environment = { PATH: process.env['PATH'], HOME: '/nonexistent' };

/** `@`: the directory of the canaries. */
const written = (text: string, { canaries }: GatewayArena): string =>
  text.replaceAll('@', canaries.directory);

/** A batch for sftp(1), each line with its `-` in front, so that all are tried; then the file in `open/got`. */
const batch =
  (...lines: readonly string[]) =>
  async (arena: GatewayArena): Promise<string> => {
    const { gateway, canaries } = arena;
    await symlink(canaries.file, canaries.at('open/link'));
    await symlink(canaries.at('canary'), canaries.at('open/linked'));
    const input = lines.map((line) => `-${written(line, arena)}\n`).join('');
    const { stdout, stderr } = await runProgram(
      requiredProgram('sftp', 'openssh-client'),
      [...gateway.options(), '-b', '-', `box@${gateway.host}`],
      { env: environment, input },
    );
    return verdictOf(arena, stdout, stderr);
  };

async function verdictOf(arena: GatewayArena, stdout: string, stderr: string): Promise<string> {
  const { canaries } = arena;
  const got = await runProgram(
    '/bin/sh',
    ['-c', 'cat "$1"/got* 2>/dev/null', 'sh', canaries.at('open')],
    {
      env: environment,
    },
  );
  if (await canaries.reached(stdout, got.stdout)) return 'reached';
  // Who may not see a file is not told whether it is there.
  const isRefused = /not found|permission denied|sallyport: denied|not supported|unsupported/i.test(
    // scp is told in its own protocol.
    `${stdout}${stderr}`,
  );
  return isRefused ? 'refused' : `said ${stderr.trim().slice(-300)}`;
}

/** A command as a hostile client would send it, in place of what its program sends. */
const exec =
  (command: string) =>
  async (arena: GatewayArena): Promise<string> => {
    await symlink(arena.canaries.at('canary'), arena.canaries.at('open/linked'));
    const { stdout, stderr } = await arena.gateway.ssh([written(command, arena)], {
      input: '\0\0\0\0',
    });
    return verdictOf(arena, stdout, stderr);
  };

const reads = [
  '@/canary/secret',
  '@//canary/secret',
  '@/open/../canary/secret',
  '@/open/link',
  '@/open/linked/secret',
  '/proc/self/root@/canary/secret',
];

export const fileCases: readonly GatewayAttack[] = [
  ...reads.map((path) => sftp(`get ${path}`, 'refused', batch(`get ${path} @/open/got`))),
  sftp('cd, then get', 'refused', batch('cd @/canary', 'get secret @/open/got')),
  sftp('get -r of what is above', 'refused', batch('get -r @/canary @/open/got')),
  sftp('put', 'refused', batch('put /etc/hostname @/canary/secret')),
  sftp('put through a link', 'refused', batch('put /etc/hostname @/open/link')),
  sftp('put through a linked directory', 'refused', batch('put /etc/hostname @/open/linked/more')),
  sftp('reput', 'refused', batch('reput /etc/services @/canary/secret')),
  sftp('rm', 'refused', batch('rm @/canary/secret')),
  sftp('rm through a linked directory', 'refused', batch('rm @/open/linked/secret')),
  sftp('rename away', 'refused', batch('rename @/canary/secret @/open/got')),
  sftp('rename over it', 'refused', batch('rename @/open/notes @/canary/secret')),
  sftp('rename of the directory', 'refused', batch('rename @/canary @/open/gone')),
  sftp(
    'a symbolic link to it, then get',
    'refused',
    batch('symlink @/canary/secret @/open/new', 'get @/open/new @/open/got'),
  ),
  sftp(
    'a relative link to it, then get',
    'refused',
    batch('symlink ../canary/secret @/open/new', 'get @/open/new @/open/got'),
  ),
  sftp(
    'a hard link to it, then get',
    'refused',
    batch('ln @/canary/secret @/open/new', 'get @/open/new @/open/got'),
  ),
  sftp('chmod', 'refused', batch('chmod 777 @/canary/secret')),
  sftp('chmod through a link', 'refused', batch('chmod 777 @/open/link')),
  sftp('mkdir', 'refused', batch('mkdir @/canary/more')),
  sftp('copy on the target', 'refused', batch('copy @/canary/secret @/open/got')),
  sftp('ls', 'refused', batch('ls @/canary')),
  copies('scp -f', 'refused', exec('scp -f @/canary/secret')),
  copies('scp -f of a pattern', 'refused', exec('scp -f @/can*/secret')),
  copies('scp -f of two', 'refused', exec('scp -f @/open/notes @/canary/secret')),
  copies('scp -rf of what is above', 'refused', exec('scp -r -f @')),
  copies('scp -f behind steps upwards', 'refused', exec('scp -f @/open/../canary/secret')),
  copies('scp -t', 'refused', exec('scp -t @/canary/secret')),
  copies(
    'scp -f, then another command',
    'refused',
    exec('scp -f @/open/notes; cat @/canary/secret'),
  ),
  copies('scp -f with a redirection', 'refused', exec('scp -f @/open/notes < @/canary/secret')),
  copies('scp -S', 'refused', exec('scp -S @/bin/forbidden -f @/open/notes')),
  copies('scp from another place', 'refused', exec('@/bin/forbidden -f @/open/notes')),
  copies(
    'rsync --sender',
    'refused',
    exec('rsync --server --sender -logDtpre.iLsfxC . @/canary/secret'),
  ),
  copies(
    'rsync --sender of what is above',
    'refused',
    exec('rsync --server --sender -logDtpre.iLsfxC . @'),
  ),
  copies(
    'rsync --sender that follows links',
    'refused',
    exec('rsync --server --sender -LlogDtpre.iLsfxC . @/open/linked/secret @/canary'),
  ),
  copies(
    'rsync --files-from',
    'refused',
    exec('rsync --server --sender --files-from=@/canary/secret -re.iLsfxC . /'),
  ),
  copies('rsync -e', 'refused', exec('rsync -e @/bin/forbidden x:y @/open/got')),
  copies(
    'rsync --rsync-path',
    'refused',
    exec('rsync --rsync-path=@/bin/forbidden x:y @/open/got'),
  ),
  copies('rsync --daemon', 'refused', exec('rsync --server --daemon --config=@/canary/secret .')),
  copies('rsync at a receiver', 'refused', exec('rsync --server -logDtpre.iLsfxC . @/canary/')),
  copies(
    'rsync --log-file',
    'refused',
    exec('rsync --server --log-file=@/canary/secret -re.iLsfxC . @/open/got'),
  ),
  copies(
    'rsync --backup-dir',
    'refused',
    exec('rsync --server -b --backup-dir=@/canary -re.iLsfxC . @/open/got'),
  ),
  copies(
    'rsync --partial-dir',
    'refused',
    exec('rsync --server --partial-dir=@/canary -re.iLsfxC . @/open/got'),
  ),
  copies(
    'rsync --link-dest',
    'refused',
    exec('rsync --server --link-dest=@/canary -re.iLsfxC . @/open/got'),
  ),
  copies('git-upload-pack of what is denied', 'refused', exec("git-upload-pack '@/canary'")),
  copies('git-receive-pack of what is denied', 'refused', exec("git-receive-pack '@/canary'")),
  copies('git upload-archive', 'refused', exec("git upload-archive '@/canary'")),
  copies(
    'git with an alias',
    'refused',
    exec("git -c alias.upload-pack='!@/bin/forbidden' upload-pack @/open"),
  ),
];

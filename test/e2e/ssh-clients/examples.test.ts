// The everyday work of clients under policies/examples/ssh: what is allowed goes through, and each refusal can be read.

import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { requiredProgram } from '#lab';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram } from '../../support/program.ts';
import { SshGateway } from '../../support/ssh-gateway.ts';
import {
  address,
  at,
  environmentIn,
  openSshCommand,
  runOpenSsh,
  throughGateway,
} from '../../support/ssh-ways.ts';

const examples = new URL('../../../policies/examples/ssh/', import.meta.url);

let gateway: SshGateway;
const place = (name: string): string => join(gateway.directory, name);

beforeAll(async () => {
  const names = (await readdir(examples)).filter((name) => !name.endsWith('_test.rego'));
  const texts = names.map(async (name) => [name, await readFile(new URL(name, examples), 'utf8')]);
  gateway = await SshGateway.start({
    policies: Object.fromEntries(await Promise.all(texts)) as Record<string, string>,
    box: { labels: { env: 'staging' }, forward_loopback: true },
  });
  await mkdir(place('work/.ssh'), { recursive: true });
  await writeFile(place('work/plain'), 'plain');
  await writeFile(place('work/.ssh/id_ed25519'), 'secret');
  const env = environmentIn(gateway.directory);
  const git = requiredProgram('git', 'git');
  await runProgram(git, ['init', '--quiet', '--bare', place('repository.git')], { env });
});

afterAll(() => gateway[Symbol.asyncDispose]());

const box = (path?: string): string => at(throughGateway(gateway), path);
const ssh = (...args: readonly string[]) => runOpenSsh('ssh', throughGateway(gateway), args);
const scp = (...args: readonly string[]) => runOpenSsh('scp', throughGateway(gateway), args);
const sftp = (line: string) =>
  runOpenSsh('sftp', throughGateway(gateway), ['-b', '-', box()], `${line}\n`);

function run(
  program: string,
  debianPackage: string,
  ...args: readonly string[]
): Promise<ProgramResult> {
  const env = {
    ...environmentIn(gateway.directory),
    GIT_SSH_COMMAND: openSshCommand(throughGateway(gateway)),
  };
  return runProgram(requiredProgram(program, debianPackage), args, { env });
}

const rsync = (...args: readonly string[]) =>
  run('rsync', 'rsync', '-e', openSshCommand(throughGateway(gateway)), ...args);

describe('what engineers do every day outside production is allowed', () => {
  it.each<readonly [string, () => Promise<ProgramResult>]>([
    ['uptime; df -h; free -m', () => ssh(box(), 'uptime; df -h; free -m')],
    ['ps aux | grep sshd | head', () => ssh(box(), 'ps aux | grep sshd | head')],
    [
      'mkdir and touch',
      () => ssh(box(), `mkdir -p ${place('made')} && touch ${place('made/file')}`),
    ],
    ['tail of a log', () => ssh(box(), 'tail -n 3 /var/log/dpkg.log 2>/dev/null || true')],
    ['scp up', () => scp(place('work/plain'), box(place('work/up')))],
    ['scp down', () => scp(box(place('work/plain')), place('down'))],
    ['scp -O up', () => scp('-O', place('work/plain'), box(place('work/up-legacy')))],
    ['scp -O down', () => scp('-O', box(place('work/plain')), place('down-legacy'))],
    ['sftp', () => sftp(`ls -l ${place('work')}`)],
    ['rsync up', () => rsync('-az', place('work/plain'), box(place('synced')))],
    [
      'rsync down with --delete',
      () => rsync('-a', '--delete', `${box(place('made'))}/`, place('rsynced')),
    ],
    [
      'git clone',
      () =>
        run(
          'git',
          'git',
          'clone',
          `ssh://box@${address}:${gateway.port}${place('repository.git')}`,
          place('clone'),
        ),
    ],
  ])('%s', async (_name, call) => {
    const { code, stderr } = await call();
    expect({ code, sallyport: /^sallyport: .*/m.exec(stderr)?.[0] }).toEqual({ code: 0 });
  });
});

describe('what is refused says so', () => {
  it.each<readonly [string, () => Promise<ProgramResult>, readonly number[], RegExp]>([
    [
      'a command that nobody can foresee',
      () => ssh(box(), '$(cat /tmp/x)'),
      [126],
      /^sallyport: denied: no rule allows/m,
    ],
    [
      'a key file',
      () => ssh(box(), 'cat ~/.ssh/id_ed25519'),
      [126],
      /^sallyport: denied: keys and password files are not for callers/m,
    ],
    [
      'a key file by scp',
      () => scp(box(place('work/.ssh/id_ed25519')), place('no')),
      [1],
      /^sallyport: denied: keys and password files/m,
    ],
    [
      'a key file by scp -O',
      () => scp('-O', box(place('work/.ssh/id_ed25519')), place('no')),
      [1],
      /^sallyport: denied: keys and password files/m,
    ],
    [
      'a key file by sftp',
      () => sftp(`get ${place('work/.ssh/id_ed25519')} ${place('no')}`),
      [1],
      /^sallyport: denied: keys and password files/m,
    ],
    [
      'a key file by rsync',
      // rsync tells how its connection ended, or how the program at its other end did.
      () => rsync(box(place('work/.ssh/id_ed25519')), place('no')),
      [126, 12],
      /^sallyport: denied: keys and password files/m,
    ],
    [
      'a forward that is not listed',
      () => ssh('-W', `${address}:9`, box()),
      [255],
      /administratively prohibited: sallyport: denied: no rule allows/,
    ],
    ['a shell without a terminal', () => ssh(box()), [126], /./],
  ])('%s', async (_name, call, statuses, words) => {
    const { code, stderr } = await call();
    expect(stderr).toMatch(words);
    expect(statuses).toContain(code);
  });
});

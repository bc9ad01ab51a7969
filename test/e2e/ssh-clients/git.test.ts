// git over ssh through the gateway: clone, fetch and push, and what it says of a push that is denied.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { requiredProgram } from '#lab';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import { address, environmentIn, openSshCommand, throughGateway } from '../../support/ssh-ways.ts';

const policies = {
  ...allowAllSsh,
  'more.rego': `package rules.ssh.more

import rego.v1

deny contains "released.git changes by review only" if {
	input.statement.file.protocol == "git"
	input.statement.file.operation == "write"
	endswith(input.statement.file.path, "/released.git")
}

deny contains "only git here" if input.statement.command == "EXEC"
`,
};

let gateway: SshGateway;

beforeAll(async () => {
  gateway = await SshGateway.start({ policies });
  const seed = join(gateway.directory, 'seed');
  await succeeds(['init', '--quiet', '--initial-branch=main', seed]);
  await commit(seed, 'README', Buffer.from('first'));
  for (const name of ['sandbox.git', 'released.git']) {
    await succeeds(['clone', '--quiet', '--bare', seed, join(gateway.directory, name)]);
  }
});

afterAll(() => gateway[Symbol.asyncDispose]());

/** As somebody without settings. */
function git(args: readonly string[], cwd = gateway.directory): Promise<ProgramResult> {
  const env = {
    ...environmentIn(gateway.directory),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_SSH_COMMAND: openSshCommand(throughGateway(gateway)),
  };
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  return runProgram(requiredProgram('git', 'git'), [...identity, ...args], { env, cwd });
}

async function succeeds(args: readonly string[], cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await git(args, cwd);
  expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

async function commit(cwd: string, file: string, content: Buffer): Promise<void> {
  await writeFile(join(cwd, file), content);
  await succeeds(['add', file], cwd);
  await succeeds(['commit', '--quiet', '-m', file], cwd);
}

const scpLike = (name: string): string => `box@${address}:${gateway.directory}/${name}`;

async function clone(name: string, as: string): Promise<string> {
  const path = join(gateway.directory, as);
  await succeeds(['clone', '--quiet', scpLike(name), path]);
  return path;
}

describe('git', () => {
  it.each(['0', '1', '2'])('clones, by version %s of its protocol', async (version) => {
    const path = join(gateway.directory, `clone-${version}`);
    const url = `ssh://box@${address}:${gateway.port}${gateway.directory}/released.git`;
    await succeeds(['-c', `protocol.version=${version}`, 'clone', '--quiet', url, path]);
    expect(await readFile(join(path, 'README'), 'utf8')).toBe('first');
  });

  it('pushes, also much, and fetches what was pushed', async () => {
    const [one, other] = [await clone('sandbox.git', 'one'), await clone('sandbox.git', 'other')];
    const content = randomBytes(3 << 20);
    await commit(one, 'large.bin', content);
    await succeeds(['push', '--quiet', 'origin', 'main'], one);
    await succeeds(['pull', '--quiet', '--ff-only'], other);
    expect((await readFile(join(other, 'large.bin'))).equals(content)).toBe(true);
  });

  it('clones without history, and fetches the rest', async () => {
    const path = join(gateway.directory, 'shallow');
    await succeeds(['clone', '--quiet', '--depth=1', scpLike('sandbox.git'), path]);
    await succeeds(['fetch', '--quiet', '--unshallow'], path);
    expect(await succeeds(['ls-remote', '--heads', scpLike('sandbox.git')])).toMatch(
      /\trefs\/heads\/main\n$/,
    );
  });

  it('shows why a push is denied', async () => {
    const path = await clone('released.git', 'denied');
    await commit(path, 'mine', Buffer.from('mine'));
    const { code, stderr } = await git(['push', 'origin', 'main'], path);
    expect(code).toBe(128);
    expect(stderr).toMatch(/^sallyport: denied: released\.git changes by review only$/m);
    expect(stderr).toContain('fatal: Could not read from remote repository.');
  });
});

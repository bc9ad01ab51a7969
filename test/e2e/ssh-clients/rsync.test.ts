// rsync over ssh through the gateway: trees arrive as they are, and only what has changed is sent.

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { requiredProgram } from '#lab';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram, runToSuccess } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import { at, environmentIn, openSshCommand, throughGateway } from '../../support/ssh-ways.ts';

const policies = {
  ...allowAllSsh,
  'more.rego': `package rules.ssh.more

import rego.v1

deny contains "nothing is deleted by rsync" if {
	input.statement.file.protocol == "rsync"
	input.statement.file.operation == "delete"
	endswith(input.statement.file.path, "/kept/")
}

deny contains "only transfers here" if input.statement.command == "EXEC"
`,
};

let gateway: SshGateway;
let from: string;
let there: string;

beforeAll(async () => {
  gateway = await SshGateway.start({ policies });
  from = join(gateway.directory, 'from');
  there = join(gateway.directory, 'there');
  await mkdir(join(from, 'sub dir'), { recursive: true });
  await mkdir(there);
  await writeFile(join(from, 'large'), randomBytes(5 << 20));
  await writeFile(join(from, 'sub dir', 'ünïcode'), 'deep');
  await writeFile(join(from, 'script'), '#!/bin/sh\n', { mode: 0o755 });
  await symlink('large', join(from, 'link'));
});

afterAll(() => gateway[Symbol.asyncDispose]());

function rsync(...args: readonly string[]): Promise<ProgramResult> {
  const ssh = openSshCommand(throughGateway(gateway));
  const env = environmentIn('/nonexistent');
  return runProgram(requiredProgram('rsync', 'rsync'), ['-e', ssh, ...args], { env });
}

const remote = (path: string): string => at(throughGateway(gateway), path);

const same = (one: string, other: string): Promise<string> =>
  runToSuccess(requiredProgram('diff', 'diffutils'), ['-r', '--no-dereference', one, other], {
    env: environmentIn('/'),
  });

describe('rsync', () => {
  it.each([
    ['-a'],
    ['-az'],
    ['-avP', '--partial'],
    ['-rltD', '--checksum'],
    ['-aHAX', '--numeric-ids'],
    ['-a', '--inplace', '--no-whole-file'],
    ['-a', '--delete', '--exclude=nothing'],
    ['-a', '--delay-updates', '--info=stats2'],
    ['-a', '--bwlimit=100m', '--stats'],
  ])('pushes and pulls a tree with %s %s', async (...options) => {
    const [up, back] = [join(there, 'up/'), join(there, 'back/')];
    await Promise.all([
      rm(up, { recursive: true, force: true }),
      rm(back, { recursive: true, force: true }),
    ]);
    expect(await rsync(...options, `${from}/`, remote(up))).toMatchObject({ code: 0, stderr: '' });
    await same(from, up);
    expect(await rsync(...options, remote(up), back)).toMatchObject({ code: 0, stderr: '' });
    await same(from, back);
  });

  it('sends what has changed, and deletes what is gone', async () => {
    const mirror = join(there, 'mirror/');
    await rsync('-a', `${from}/`, remote(mirror));
    await writeFile(join(mirror, 'stale'), 'stale');
    await writeFile(join(from, 'added'), 'added');
    const { code, stdout } = await rsync('-a', '-v', '--delete', `${from}/`, remote(mirror));
    expect(code).toBe(0);
    expect(stdout).toContain('deleting stale');
    expect(stdout).toContain('added');
    expect(stdout).not.toContain('script');
    await same(from, mirror);
  });

  it('says why it is denied', async () => {
    const kept = join(there, 'kept/');
    await rsync('-a', `${from}/`, remote(kept));
    await writeFile(join(kept, 'more'), 'more');
    const { code, stderr } = await rsync('-a', '--delete', `${from}/`, remote(kept));
    expect(stderr).toMatch(/^sallyport: denied: nothing is deleted by rsync$/m);
    // Whichever it sees first: the command's status, or that it cannot write to it.
    expect([126, 12]).toContain(code);
    expect(await readFile(join(kept, 'more'), 'utf8')).toBe('more');
  });
});

// lftp's sftp through the gateway, with mirrors of trees both ways.

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { requiredProgram } from '#lab';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram, runToSuccess } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import { address, environmentIn, openSshCommand, throughGateway } from '../../support/ssh-ways.ts';

const policies = {
  ...allowAllSsh,
  'more.rego': `package rules.ssh.more

import rego.v1

deny contains "secrets stay" if {
	input.statement.file.operation == "read"
	endswith(input.statement.file.path, "/secret")
}
`,
};

let gateway: SshGateway;
const large = randomBytes(4 << 20);
const place = (name: string): string => join(gateway.directory, name);

beforeAll(async () => {
  gateway = await SshGateway.start({ policies });
  await mkdir(place('tree/sub dir'), { recursive: true });
  await writeFile(place('tree/large'), large);
  await writeFile(place('tree/sub dir/ünïcode'), 'deep');
  await writeFile(place('secret'), 'secret');
});

afterAll(() => gateway[Symbol.asyncDispose]());

function lftp(...lines: readonly string[]): Promise<ProgramResult> {
  const way = throughGateway(gateway);
  const script = [
    `set sftp:connect-program "${openSshCommand(way)} -a -x"`,
    ...['set net:max-retries 1', 'set sftp:auto-confirm no'],
    `open -u ${way.user}, -p ${way.port} sftp://${address}`,
    ...lines,
  ];
  return runProgram(requiredProgram('lftp', 'lftp'), ['--norc', '-c', script.join('\n')], {
    env: environmentIn(gateway.directory),
  });
}

describe('lftp', () => {
  it('mirrors a tree there and back', async () => {
    const there = place('there');
    const { code, stderr } = await lftp(
      `mirror -R ${place('tree')} ${there}`,
      `mirror --parallel=3 ${there} ${place('back')}`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const env = environmentIn('/');
    await runToSuccess(requiredProgram('diff', 'diffutils'), ['-r', place('tree'), place('back')], {
      env,
    });
  });

  it('gets a file in several pieces at once', async () => {
    const { code } = await lftp(`pget -n 3 ${place('tree/large')} -o ${place('pieces')}`);
    expect(code).toBe(0);
    expect((await readFile(place('pieces'))).equals(large)).toBe(true);
  });

  it('says why a file is denied', async () => {
    const { code, stderr } = await lftp(`get ${place('secret')} -o ${place('no')}`);
    expect(code).toBe(1);
    expect(stderr).toContain('sallyport: denied: secrets stay');
  });
});

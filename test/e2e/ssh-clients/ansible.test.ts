// Ansible through the gateway: modules as they come, with and without pipelining, over one connection that lasts.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { requiredProgram } from '#lab';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import { address, environmentIn, throughGateway } from '../../support/ssh-ways.ts';

const policies = {
  ...allowAllSsh,
  'more.rego': `package rules.ssh.more

import rego.v1

deny contains "nobody kills" if "killall" in input.statement.shell.programs
`,
};

let gateway: SshGateway;

beforeAll(async () => {
  gateway = await SshGateway.start({ policies });
  const { key, knownHosts, port } = throughGateway(gateway);
  const facts = {
    ...{ ansible_host: address, ansible_port: port, ansible_user: 'box' },
    ansible_ssh_private_key_file: key,
    ansible_ssh_common_args: `'-F none -o IdentitiesOnly=yes -o UserKnownHostsFile=${knownHosts}'`,
    ansible_python_interpreter: '/usr/bin/python3',
  };
  const line = Object.entries(facts).map(([name, value]) => `${name}=${value}`);
  await writeFile(join(gateway.directory, 'hosts'), `box ${line.join(' ')}\n`);
});

afterAll(() => gateway[Symbol.asyncDispose]());

function ansible(pipelining: boolean, ...args: readonly string[]): Promise<ProgramResult> {
  const env = {
    ...environmentIn(gateway.directory),
    ANSIBLE_PIPELINING: String(pipelining),
    ANSIBLE_REMOTE_TMP: join(gateway.directory, 'ansible'),
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(gateway.directory, 'cp'),
    ANSIBLE_NOCOLOR: '1',
  };
  const inventory = ['-i', join(gateway.directory, 'hosts'), 'box'];
  return runProgram(requiredProgram('ansible', 'ansible-core'), [...inventory, ...args], { env });
}

describe.each([true, false])('ansible, pipelining %s', (pipelining) => {
  it('pings', async () => {
    const { code, stdout } = await ansible(pipelining, '-m', 'ping');
    expect(stdout).toContain('"ping": "pong"');
    expect(code).toBe(0);
  });

  it('copies a file', async () => {
    const to = join(gateway.directory, `copied-${pipelining}`);
    const { code, stdout } = await ansible(
      pipelining,
      '-m',
      'copy',
      '-a',
      `content=copied dest=${to} mode=0640`,
    );
    expect({ code, changed: stdout.includes('CHANGED') }).toEqual({ code: 0, changed: true });
    expect(await readFile(to, 'utf8')).toBe('copied');
  });

  it('runs a command in a shell', async () => {
    const { code, stdout } = await ansible(
      pipelining,
      '-m',
      'shell',
      '-a',
      'echo $((6 * 7)); exit 3',
    );
    expect(stdout).toMatch(/FAILED \| rc=3 >>\n42/);
    expect(code).toBe(2);
  });
});

describe('ansible', () => {
  it('shows why a raw command is denied', async () => {
    const { code, stdout } = await ansible(true, '-m', 'raw', '-a', 'killall sshd');
    expect(code).toBe(2);
    expect(stdout).toContain('sallyport: denied: nobody kills');
  });
});

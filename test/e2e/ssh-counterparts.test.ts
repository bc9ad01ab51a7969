// The channel that is opened on the target with the caller's: none is left where nothing may run.

import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RunningProgram } from '../support/program.ts';
import { SshGateway } from '../support/ssh-gateway.ts';

const policies = {
  'rules.rego': `package rules.ssh.counterparts

import rego.v1

allow contains "all but whoami"

deny contains "whoami" if "whoami" in input.statement.shell.programs
`,
};

describe('a target that allows two sessions at a time', () => {
  it('runs two at once, whatever was opened ahead behind others', async () => {
    await using gateway = await SshGateway.start({
      policies,
      serverOptions: { settings: ['MaxSessions 2'] },
    });
    const socket = join(gateway.directory, 'master');
    const master = gateway.startSsh([], { before: ['-v', '-M', '-S', socket, '-N'] });
    await master.says('Entering interactive session');
    const run = (command: string) => gateway.ssh([command], { before: ['-S', socket] });
    for (let time = 0; time < 4; time += 1) {
      const both = await Promise.all([run('echo one'), run('echo two')]);
      expect(both.map(({ code, stdout }) => [code, stdout])).toEqual([
        [0, 'one\n'],
        [0, 'two\n'],
      ]);
      expect(await run('echo alone')).toEqual({ code: 0, stdout: 'alone\n', stderr: '' });
    }
    master.signal('SIGTERM');
    await master.result;
  });
});

describe('a target that allows one session at a time', () => {
  let gateway: SshGateway;
  let socket: string;
  let master: RunningProgram;

  beforeAll(async () => {
    gateway = await SshGateway.start({
      policies,
      serverOptions: { settings: ['MaxSessions 1'] },
    });
    socket = join(gateway.directory, 'master');
    master = gateway.startSsh([], { before: ['-v', '-M', '-S', socket, '-N'] });
    await master.says('Entering interactive session');
  });

  afterAll(async () => {
    master.signal('SIGTERM');
    await master.result;
    await gateway[Symbol.asyncDispose]();
  });

  const run = (command: string) => gateway.ssh([command], { before: ['-S', socket] });

  it('runs what is allowed behind what was denied, again and again', async () => {
    for (let time = 0; time < 3; time += 1) {
      expect(await run('whoami')).toMatchObject({ code: 126, stdout: '' });
      expect(await run('echo up')).toEqual({ code: 0, stdout: 'up\n', stderr: '' });
    }
  });
});

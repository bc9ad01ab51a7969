// Dropbear's client through the gateway. It sends the first packet of its key exchange before it knows which one it is.

import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { requiredProgram } from '#lab';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram, runToSuccess } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import { at, environmentIn, throughGateway } from '../../support/ssh-ways.ts';

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
  await runToSuccess(
    requiredProgram('dropbearconvert', 'dropbear-bin'),
    ['openssh', 'dropbear', gateway.key(), join(gateway.directory, 'ada.dropbear')],
    { env: environmentIn(gateway.directory) },
  );
});

afterAll(() => gateway[Symbol.asyncDispose]());

/** Twice `y`: it has no way to be told a host key but its own file of known hosts. */
const command = (...args: readonly string[]): readonly string[] => {
  const way = throughGateway(gateway);
  const program = requiredProgram('dbclient', 'dropbear-bin');
  const key = join(gateway.directory, 'ada.dropbear');
  const [last, ...options] = args.toReversed();
  const login = ['-y', '-y', '-p', String(way.port), '-i', key];
  return [program, ...login, ...options.toReversed(), at(way), last ?? ''];
};

/** Options first, then what is to be run. */
function dbclient(args: readonly string[], input = ''): Promise<ProgramResult> {
  const [program = '', ...rest] = command(...args);
  return runProgram(program, rest, { env: environmentIn(gateway.directory), input });
}

describe('dbclient', () => {
  it('runs commands, with input and exit status', async () => {
    const input = 'x'.repeat(500_000);
    expect(await dbclient(['wc -c; echo err >&2; exit 7'], input)).toMatchObject({
      code: 7,
      stdout: '500000\n',
      stderr: expect.stringMatching(/^err$/m) as unknown,
    });
  });

  it('has a terminal', async () => {
    const line = command('-t', "'test -t 0 && echo terminal'").join(' ');
    const env = { ...environmentIn(gateway.directory), SHELL: '/bin/sh' };
    const script = requiredProgram('script', 'bsdutils');
    const { code, stdout } = await runProgram(script, ['-qec', line, '/dev/null'], { env });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('terminal\r\n') as unknown,
    });
  });

  it('speaks each cipher that both have', async () => {
    for (const cipher of ['aes128-ctr', 'aes256-ctr']) {
      expect(await dbclient(['-c', cipher, 'echo spoken'])).toMatchObject({
        stdout: 'spoken\n',
      });
    }
  });

  it('shows why a command is denied', async () => {
    const { code, stderr } = await dbclient(['killall sshd']);
    expect(code).toBe(126);
    expect(stderr).toMatch(/^sallyport: denied: nobody kills$/m);
  });
});

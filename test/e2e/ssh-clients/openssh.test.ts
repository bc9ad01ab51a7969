// OpenSSH's ssh through the gateway, unchanged: commands answer as they do without it, and so do its own extras.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { requiredProgram } from '#lab';
import { runProgram, startProgram } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import type { SshWay } from '../../support/ssh-ways.ts';
import {
  at,
  environmentIn,
  openSshOptions,
  pastGateway,
  runOpenSsh,
  throughGateway,
} from '../../support/ssh-ways.ts';

const policies = {
  ...allowAllSsh,
  'more.rego': `package rules.ssh.more

import rego.v1

deny contains "programs are not chosen by variables" if {
	input.statement.command == "ENV"
	input.statement.env.name == "LC_PAPER"
}

deny contains "agents stay at home" if input.statement.command == "AGENT"
`,
};

let gateway: SshGateway;
let through: SshWay;
let direct: SshWay;

beforeAll(async () => {
  gateway = await SshGateway.start({ policies, box: { forward_loopback: true } });
  through = throughGateway(gateway);
  direct = await pastGateway(gateway);
});

afterAll(() => gateway[Symbol.asyncDispose]());

const ssh = (way: SshWay, command: string, { input = '', before = [] as readonly string[] } = {}) =>
  runOpenSsh('ssh', way, [...before, at(way), command], input);

describe('ssh', () => {
  it.each([
    ['output and errors', 'echo out; echo err >&2'],
    ['an exit status', 'exit 42'],
    ['the highest exit status', 'exit 255'],
    ['the signal that ended a command', 'kill -TERM $$'],
    ['a command that is not there', '/nowhere/at-all'],
    ['bytes that are no text', "printf '\\000\\377\\200\\n'"],
    ['several lines', 'for i in 1 2 3\ndo echo $i\ndone'],
    ['quotes of both kinds', `echo "a  'b'" 'c  "d"'`],
    ['no output at all', 'true'],
    ['errors alone', 'cat /nowhere'],
    ['variables of the login', 'echo $HOME $USER $SHELL'],
    ['much output', 'seq 1 200000'],
    ['much on both streams', 'seq 1 50000; seq 1 50000 >&2'],
    ['what reads its input', 'wc -c'],
    ['what does not', 'head -c 5; exit 3'],
  ])('answers as without the gateway: %s', async (_name, command) => {
    const call = { input: 'input\n'.repeat(1000) };
    expect(await ssh(through, command, call)).toEqual(await ssh(direct, command, call));
  });

  it('gives a command a terminal', async () => {
    const command = 'test -t 0 && stty size; echo $TERM; exit 9';
    const before = ['-tt'];
    const [one, other] = [
      await ssh(through, command, { before }),
      await ssh(direct, command, { before }),
    ];
    expect(one).toEqual(other);
    expect(one.code).toBe(9);
  });

  it.each([
    ['aes128-gcm@openssh.com', 'hmac-sha2-256'],
    ['aes256-gcm@openssh.com', 'hmac-sha2-256'],
    ...[
      'hmac-sha2-256',
      'hmac-sha2-512',
      'hmac-sha2-256-etm@openssh.com',
      'hmac-sha2-512-etm@openssh.com',
    ].map((mac): [string, string] => ['aes256-ctr', mac]),
    ['aes128-ctr', 'hmac-sha2-256'],
    ['aes192-ctr', 'hmac-sha2-256'],
  ])('speaks %s with %s', async (cipher, mac) => {
    const input = 'x'.repeat(300_000);
    const before = ['-c', cipher, '-m', mac];
    expect(await ssh(through, 'cat', { before, input })).toMatchObject({ code: 0, stdout: input });
  });

  it.each([
    'curve25519-sha256',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ])('agrees on keys by %s', async (algorithm) => {
    const before = ['-o', `KexAlgorithms=${algorithm}`];
    expect(await ssh(through, 'echo agreed', { before })).toMatchObject({ stdout: 'agreed\n' });
  });

  it.each([
    ['-c', 'chacha20-poly1305@openssh.com', /no matching cipher found/],
    ['-m', 'hmac-sha1', /no matching MAC found/],
    ['-o', 'KexAlgorithms=diffie-hellman-group14-sha1', /no matching key exchange method found/],
    ['-o', 'HostKeyAlgorithms=ssh-rsa', /no matching host key type found/],
  ])('is told what the gateway speaks when it offers only %s %s', async (option, value, words) => {
    const cipher = option === '-m' ? ['-c', 'aes128-ctr'] : [];
    const { code, stderr } = await ssh(through, 'true', { before: [...cipher, option, value] });
    expect(code).toBe(255);
    expect(stderr).toMatch(words);
  });

  it('changes keys in the middle of both directions', async () => {
    const input = 'y'.repeat(4_000_000);
    const before = ['-o', 'RekeyLimit=1M'];
    const { code, stdout } = await ssh(through, 'cat', { before, input });
    expect({ code, same: stdout === input }).toEqual({ code: 0, same: true });
  });

  it('runs several sessions on one connection', async () => {
    const control = join(gateway.directory, 'control');
    const shared = ['-o', `ControlPath=${control}`];
    const ssh = requiredProgram('ssh', 'openssh-client');
    const env = environmentIn('/nonexistent');
    const master = startProgram(
      ssh,
      [
        ...openSshOptions(through),
        ...shared,
        '-M',
        at(through),
        'echo ready; cat >/dev/null; sleep 30',
      ],
      { env },
    );
    await master.says('ready');
    const commands = Array.from({ length: 20 }, (_, number) => `echo ${number}; exit ${number}`);
    const results = await Promise.all(
      commands.map((command) =>
        runProgram(ssh, ['-F', 'none', ...shared, at(through), command], { env }),
      ),
    );
    expect(results.map(({ code, stdout }) => [code, stdout])).toEqual(
      commands.map((_, number) => [number, `${number}\n`]),
    );
    const left = await runProgram(ssh, ['-F', 'none', ...shared, '-O', 'exit', at(through)], {
      env,
    });
    expect(left.stderr).toContain('Exit request sent');
    expect((await master.result).code).toBe(255);
  });

  it('sends variables that the policy and the target let pass, and no others', async () => {
    const before = ['-o', 'SetEnv=LC_NAME=passes LC_PAPER=denied OTHER=not-taken'];
    const { stdout } = await ssh(through, 'echo $LC_NAME-$LC_PAPER-$OTHER', { before });
    expect(stdout).toBe('passes--\n');
  });

  it('runs on when the agent is refused, and without X11', async () => {
    const agent = startProgram(
      requiredProgram('ssh-agent', 'openssh-client'),
      ['-D', '-a', join(gateway.directory, 'agent')],
      {
        env: environmentIn('/nonexistent'),
      },
    );
    await agent.says('SSH_AUTH_SOCK');
    const { code, stdout } = await runProgram(
      requiredProgram('ssh', 'openssh-client'),
      [...openSshOptions(through), '-A', at(through), 'echo "[$SSH_AUTH_SOCK]"'],
      {
        env: { ...environmentIn('/nonexistent'), SSH_AUTH_SOCK: join(gateway.directory, 'agent') },
      },
    );
    agent.signal('SIGTERM');
    await agent.result;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '[]\n' });
    const x11 = await runProgram(
      requiredProgram('ssh', 'openssh-client'),
      [...openSshOptions(through), '-X', at(through), 'echo "[$DISPLAY]"'],
      { env: { ...environmentIn('/nonexistent'), DISPLAY: ':7' } },
    );
    expect(x11).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('goes on to a host behind the target', async () => {
    const jump = `ssh ${openSshOptions(through).join(' ')} -W %h:%p ${at(through)}`;
    const before = ['-o', `ProxyCommand=${jump}`];
    expect(await ssh(direct, 'echo behind; exit 4', { before })).toEqual({
      code: 4,
      stdout: 'behind\n',
      stderr: '',
    });
  });

  it('says why it ends when the target has gone', async () => {
    const { code, stderr } = await ssh(through, 'kill -9 $PPID; sleep 5');
    expect(code).toBe(255);
    expect(stderr).toContain('the target has gone');
  });

  it('logs in with a token for a password', async () => {
    const askpass = join(gateway.directory, 'askpass');
    await writeFile(askpass, `#!/bin/sh\necho ${gateway.token()}\n`, { mode: 0o700 });
    const { code, stdout } = await runProgram(
      requiredProgram('ssh', 'openssh-client'),
      [
        ...openSshOptions(through).map((option) => option.replace('BatchMode=yes', 'BatchMode=no')),
        ...['-o', 'PreferredAuthentications=password', at(through), 'echo by password'],
      ],
      {
        env: {
          ...environmentIn('/nonexistent'),
          SSH_ASKPASS: askpass,
          SSH_ASKPASS_REQUIRE: 'force',
        },
      },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'by password\n' });
  });
});

// PuTTY's plink, psftp and pscp through the gateway, with a key of PuTTY's own format.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { requiredProgram, sshKeygen } from '#lab';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram, runToSuccess } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import { address, at, environmentIn, throughGateway } from '../../support/ssh-ways.ts';

const policies = {
  ...allowAllSsh,
  'more.rego': `package rules.ssh.more

import rego.v1

deny contains "secrets stay" if {
	input.statement.file.operation == "read"
	endswith(input.statement.file.path, "/secret")
}

deny contains "nobody kills" if "killall" in input.statement.shell.programs
`,
};

let gateway: SshGateway;
let options: readonly string[];
const large = randomBytes(4 << 20);
const place = (name: string): string => join(gateway.directory, name);

beforeAll(async () => {
  gateway = await SshGateway.start({ policies });
  const { key, port } = throughGateway(gateway);
  const env = environmentIn(gateway.directory);
  await runToSuccess(requiredProgram('puttygen', 'putty-tools'), [key, '-o', place('ada.ppk')], {
    env,
  });
  const [, fingerprint = ''] = (await sshKeygen('-lf', place('gateway-host-key.pub'))).split(' ');
  options = ['-batch', '-P', String(port), '-i', place('ada.ppk'), '-hostkey', fingerprint];
  await writeFile(place('large'), large);
  await writeFile(place('secret'), 'secret');
});

afterAll(() => gateway[Symbol.asyncDispose]());

const putty = (
  program: 'plink' | 'psftp' | 'pscp',
  args: readonly string[],
  input = '',
): Promise<ProgramResult> =>
  runProgram(requiredProgram(program, 'putty-tools'), [...options, ...args], {
    env: environmentIn(gateway.directory),
    input,
  });

const box = (path?: string): string => at(throughGateway(gateway), path);

describe('plink', () => {
  it('runs commands, with input and exit status', async () => {
    const input = 'x'.repeat(500_000);
    const command = 'wc -c; echo err >&2; exit 6';
    expect(await putty('plink', [box(), command], input)).toEqual({
      code: 6,
      stdout: '500000\n',
      stderr: 'err\n',
    });
  });

  it('shows why a command is denied', async () => {
    const { code, stderr } = await putty('plink', [box(), 'killall sshd']);
    expect(code).toBe(126);
    expect(stderr).toMatch(/^sallyport: denied: nobody kills$/m);
  });

  it('says that a place cannot be forwarded to', async () => {
    const { code, stderr } = await putty('plink', ['-nc', `${address}:9`, box()]);
    expect(code).toBe(1);
    expect(stderr).toContain('which forward_loopback of the target has to allow');
  });

  it('logs in with a token for a password', async () => {
    const pw = ['-pw', gateway.token()];
    const withoutKey = options.filter((option) => option !== '-i' && !option.endsWith('.ppk'));
    const { code, stdout } = await runProgram(
      requiredProgram('plink', 'putty-tools'),
      [...withoutKey, ...pw, box(), 'echo by password'],
      { env: environmentIn(gateway.directory) },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'by password\n' });
  });
});

describe('psftp', () => {
  it('copies files and goes on when one is denied', async () => {
    const lines = [
      ...[`cd ${gateway.directory}`, `lcd ${gateway.directory}`, 'put large psftp-there'],
      ...['get psftp-there psftp-back', 'mkdir psftp-dir', 'mv psftp-there psftp-dir/moved'],
      ...[
        'chmod 600 psftp-dir/moved',
        'ls psftp-dir',
        'get secret no',
        'del psftp-dir/moved',
        'rmdir psftp-dir',
      ],
    ];
    await writeFile(place('batch'), `${lines.join('\n')}\n`);
    const { code, stdout } = await putty('psftp', ['-be', '-b', place('batch'), box()]);
    expect(stdout).toContain('moved');
    expect(stdout).toMatch(/secret: .*permission denied/);
    expect(code).toBe(0);
    expect((await readFile(place('psftp-back'))).equals(large)).toBe(true);
  });
});

describe('pscp', () => {
  it.each(['-sftp', '-scp'])('copies both ways by %s', async (protocol) => {
    const there = place(`pscp${protocol}`);
    expect(await putty('pscp', [protocol, '-q', place('large'), box(there)])).toMatchObject({
      code: 0,
    });
    expect(await putty('pscp', [protocol, '-q', '-p', box(there), `${there}-back`])).toMatchObject({
      code: 0,
    });
    expect((await readFile(`${there}-back`)).equals(large)).toBe(true);
  });

  it.each([
    ['-sftp', /sallyport: denied: secrets stay$/m],
    ['-scp', /sallyport: denied: secrets stay; rule rules\.ssh\.more/],
  ])('shows that a file is denied by %s', async (protocol, words) => {
    const { code, stdout, stderr } = await putty('pscp', [
      protocol,
      box(place('secret')),
      place('no'),
    ]);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(words);
  });
});

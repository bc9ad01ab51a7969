// scp by both of its protocols, and sftp, through the gateway: what arrives is what was sent.

import { mkdir, readFile, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { requiredProgram } from '#lab';
import { runToSuccess } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import type { SshWay } from '../../support/ssh-ways.ts';
import { at, environmentIn, runOpenSsh, throughGateway } from '../../support/ssh-ways.ts';

const policies = {
  ...allowAllSsh,
  'more.rego': `package rules.ssh.more

import rego.v1

deny contains "secrets stay" if {
	input.statement.file.operation in {"read", "write"}
	endswith(input.statement.file.path, "/secret")
}
`,
};

let gateway: SshGateway;
let through: SshWay;
let place: string;
const large = randomBytes(8 << 20);

beforeAll(async () => {
  gateway = await SshGateway.start({ policies });
  through = throughGateway(gateway);
  place = join(gateway.directory, 'files');
  await mkdir(join(place, 'tree', 'sub dir'), { recursive: true });
  await writeFile(join(place, 'large'), large, { mode: 0o751 });
  await utimes(join(place, 'large'), 1_000_000_000, 1_000_000_000);
  await writeFile(join(place, 'tree', 'plain'), 'plain');
  await writeFile(join(place, 'tree', 'empty'), '');
  await writeFile(join(place, 'tree', 'sub dir', 'ünïcode — name'), 'deep');
  await symlink('plain', join(place, 'tree', 'link'));
  await writeFile(join(place, 'secret'), 'secret');
});

afterAll(() => gateway[Symbol.asyncDispose]());

const same = (one: string, other: string): Promise<string> =>
  runToSuccess(requiredProgram('diff', 'diffutils'), ['-r', one, other], {
    env: environmentIn('/'),
  });

describe.each([
  ['scp', []],
  ['scp -O', ['-O']],
])('%s', (name, protocol) => {
  const scp = (...args: readonly string[]) => runOpenSsh('scp', through, [...protocol, ...args]);
  const mine = (file: string): string => join(place, `${name.replace(' ', '')}-${file}`);

  it('uploads and downloads a file with its times and mode', async () => {
    const there = mine('there');
    expect(await scp('-p', join(place, 'large'), at(through, there))).toMatchObject({ code: 0 });
    expect(await scp('-p', at(through, there), mine('back'))).toMatchObject({ code: 0 });
    expect((await readFile(mine('back'))).equals(large)).toBe(true);
    const { mode, mtimeMs } = await stat(mine('back'));
    expect({ mode: mode & 0o777, mtimeMs }).toEqual({ mode: 0o751, mtimeMs: 1e12 });
  });

  it('copies directories both ways', async () => {
    const there = mine('tree-there');
    expect(await scp('-r', join(place, 'tree'), at(through, there))).toMatchObject({ code: 0 });
    expect(await scp('-r', at(through, there), mine('tree-back'))).toMatchObject({ code: 0 });
    await same(join(place, 'tree'), mine('tree-back'));
  });

  it('copies several files at once, also what a pattern names', async () => {
    await mkdir(mine('several'));
    const from = [`${place}/tree/p*`, `${place}/tree/empty`].map((path) => at(through, path));
    expect(await scp(...from, mine('several'))).toMatchObject({ code: 0 });
    expect(await readdir(mine('several'))).toEqual(['empty', 'plain']);
  });

  it('says that a file is not there', async () => {
    const { code, stderr } = await scp(at(through, '/nowhere'), mine('no'));
    expect(code).toBe(1);
    expect(stderr).toContain('No such file or directory');
  });

  it('says that a file is denied', async () => {
    const { code, stderr } = await scp(at(through, join(place, 'secret')), mine('no'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sallyport: denied: secrets stay/m);
    const up = await scp(join(place, 'tree', 'plain'), at(through, join(place, 'secret')));
    expect(up.code).toBe(1);
    expect(await readFile(join(place, 'secret'), 'utf8')).toBe('secret');
  });
});

describe('scp -3 -O', () => {
  it('ends when several files would go into what is no directory', async () => {
    await writeFile(join(place, 'no-directory'), 'kept');
    const files = ['tree/plain', 'large', 'no-directory'].map((name) =>
      at(through, join(place, name)),
    );
    const { code } = await runOpenSsh('scp', through, ['-3', '-O', ...files]);
    expect(code).toBe(1);
    expect(await readFile(join(place, 'no-directory'), 'utf8')).toBe('kept');
  });

  it('ends when nobody answers any more', async () => {
    const { code } = await runOpenSsh('ssh', through, [at(through), `scp -f ${place}/large`]);
    expect(code).toBe(1);
  });
});

describe('sftp', () => {
  const sftp = (...lines: readonly string[]) =>
    runOpenSsh('sftp', through, ['-b', '-', at(through)], `${lines.join('\n')}\n`);

  it('does all that it knows of files and directories', async () => {
    const there = join(place, 'sftp');
    const { code, stderr } = await sftp(
      ...[`mkdir ${there}`, `cd ${there}`, 'pwd', `lcd ${place}`],
      ...['put -p large', 'get large large-back', 'rename large renamed', 'chmod 600 renamed'],
      ...['symlink renamed soft', 'ln renamed hard', 'ls -la', 'df'],
      ...['put -R "tree/sub dir"', 'get -R "sub dir" again'],
      ...['rm hard', 'rm soft', 'mkdir gone', 'rmdir gone', 'ls renamed'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await readFile(join(place, 'large-back'))).equals(large)).toBe(true);
    expect((await readdir(there)).sort()).toEqual(['renamed', 'sub dir']);
    expect((await stat(join(there, 'renamed'))).mode & 0o777).toBe(0o600);
    await same(join(place, 'tree', 'sub dir'), join(place, 'again'));
  });

  it('goes on with a download that broke off', async () => {
    await writeFile(join(place, 'half'), large.subarray(0, 3_000_001));
    expect(await sftp(`lcd ${place}`, `reget ${place}/large half`)).toMatchObject({ code: 0 });
    expect((await readFile(join(place, 'half'))).equals(large)).toBe(true);
  });

  it.each([1, 64])('has %d requests under way', async (requests) => {
    const bytes = requests === 1 ? '4096' : '261000';
    const { code } = await runOpenSsh('sftp', through, [
      '-R',
      String(requests),
      '-B',
      bytes,
      at(through, `${place}/large`),
      join(place, `r${requests}`),
    ]);
    expect(code).toBe(0);
    expect((await readFile(join(place, `r${requests}`))).equals(large)).toBe(true);
  });

  it('says that a file is denied, and goes on', async () => {
    const { code, stdout, stderr } = await sftp(
      `-get ${place}/secret ${place}/no`,
      `ls ${place}/tree`,
    );
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^sallyport: denied: secrets stay$/m) as unknown,
    });
    expect(stdout).toContain('plain');
  });
});

// OpenSSH's sftp speaks with OpenSSH's sftp-server, straight and through the inspector: no difference but the denials.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { SftpEffect } from '../../../hosts/ssh/files/index.ts';
import type { BridgeOrder } from '../../support/sftp-bridge.ts';

const server = '/usr/lib/openssh/sftp-server';
const bridge = join(import.meta.dirname, '../../support/sftp-bridge.ts');
const run = promisify(execFile);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sallyport-sftp-'));
  await writeFile(join(directory, 'big'), Buffer.alloc(3_000_000, 'sallyport'));
  await writeFile(join(directory, 'small'), 'hi\n');
  await mkdir(join(directory, 'secret'));
  await writeFile(join(directory, 'secret/key'), 'do not read\n');
});

afterEach(() => rm(directory, { recursive: true }));

interface Session {
  readonly output: string;
  readonly effects: readonly SftpEffect[];
}

const outputOf = (result: { stdout: string; stderr: string }): string =>
  result.stdout + result.stderr;

/** A failing command of the batch must be marked with `-`. */
async function sftp(batch: string, program: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const file = join(directory, 'batch');
  await writeFile(file, batch);
  return outputOf(
    await run('sftp', ['-b', file, '-D', program], { env: { ...process.env, ...env } }),
  );
}

async function through(batch: string, denied: BridgeOrder['denied'] = []): Promise<Session> {
  const log = join(directory, 'log');
  const order = join(directory, 'order');
  await writeFile(log, '');
  await writeFile(order, JSON.stringify({ server, log, denied } satisfies BridgeOrder));
  const output = await sftp(batch, `${process.execPath} ${bridge}`, { SFTP_BRIDGE: order });
  const lines = (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
  return { output, effects: lines.map((line) => JSON.parse(line) as SftpEffect) };
}

/** Every path below, with what it holds. */
async function treeOf(root: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length);
    if (entry.isSymbolicLink()) tree[name] = `-> ${await readlink(path)}`;
    else if (entry.isDirectory()) tree[name] = '/';
    else
      tree[name] = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
  }
  return tree;
}

const commands = (tree: string): string => `
cd ${tree}
pwd
put ${directory}/big
put ${directory}/small new
reput ${directory}/big new
get big ${tree}-back
ls
-ls -1 nowhere*
-get nowhere
rename big big2
-rename nowhere somewhere
ln big2 hard
ln -s big2 soft
ln -s ../../nowhere dangling
put ${directory}/small soft
mkdir a
mkdir a/b/
-mkdir a/b
cd a/b
put ${directory}/small ../../a/./c
cd ../..
put -R ${directory}/secret a
rm a/c
rmdir a/b
-rmdir a
-rm a
chmod 600 big2
-chmod 600 nowhere
cp hard copied
df
rm hard
ls -l soft
-cd soft
-ls a/nowhere
bye
`;

describe('sftp through the inspector', () => {
  it('prints the same and leaves the same files as straight', async () => {
    const outputs: string[] = [];
    const trees: Record<string, string>[] = [];
    for (const name of ['straight', 'through']) {
      const tree = join(directory, name);
      await mkdir(tree);
      const batch = commands(tree);
      const output =
        name === 'straight' ? await sftp(batch, server) : (await through(batch)).output;
      outputs.push(
        output
          .replaceAll(name, 'tree')
          // What the file system has free changes by the minute, and so do times.
          .replace(/^ *\d+ +\d+ +\d+ +\d+ +\d+%$/m, 'space')
          .replace(/\d\d:\d\d/g, 'time'),
      );
      trees.push({
        ...(await treeOf(tree)),
        back: (await readFile(`${tree}-back`)).length.toString(),
      });
    }
    expect(outputs[1]).toBe(outputs[0]);
    expect(trees[1]).toEqual(trees[0]);
    expect(Object.keys(trees[0] ?? {}).length).toBeGreaterThan(8);
  });

  it('hashes what was uploaded and downloaded', async () => {
    const { effects } = await through(
      `put ${directory}/big ${directory}/up\nget ${directory}/big ${directory}/down\n`,
    );
    const content = await readFile(join(directory, 'big'));
    const sha256 = createHash('sha256').update(content).digest('hex');
    const transferred = {
      kind: 'transferred',
      name: '',
      bytes: content.length,
      sha256,
      closed: true,
    };
    expect(effects.filter(({ kind }) => kind === 'transferred')).toEqual([
      { ...transferred, path: join(directory, 'up'), direction: 'upload' },
      { ...transferred, path: join(directory, 'big'), direction: 'download' },
    ]);
  });

  it('asks about the path that a link leads to', async () => {
    await symlink('secret', join(directory, 'open'));
    const denied = [['read', join(directory, 'secret/')]] as const;
    for (const spelling of [
      'open/key',
      'secret/../open/./key',
      'secret//key',
      'big/../secret/key',
    ]) {
      const { output, effects } = await through(
        `cd ${directory}\n-get ${spelling} ${directory}/got\n`,
        denied,
      );
      expect(output).toMatch(/Permission denied|No such file|not found/);
      const judged = effects.flatMap((effect) => (effect.kind === 'judge' ? [effect.facts] : []));
      expect(judged.at(-1)?.path).toMatch(/secret\/key$/);
    }
    await expect(readFile(join(directory, 'got'))).rejects.toThrow('ENOENT');
  });
});

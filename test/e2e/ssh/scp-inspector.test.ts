// OpenSSH's scp in its legacy protocol, with the inspector between its two ends.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { ScpEffect } from '../../../hosts/ssh/files/index.ts';

const bridge = join(import.meta.dirname, '../../support/scp-bridge.ts');
const run = promisify(execFile);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sallyport-scp-'));
  await writeFile(
    join(directory, 'ssh'),
    `#!/bin/sh\nexec '${process.execPath}' '${bridge}' "$@"\n`,
    { mode: 0o755 },
  );
  await mkdir(join(directory, 'tree/a/b'), { recursive: true });
  await writeFile(join(directory, 'tree/big'), Buffer.alloc(700_000, 'sallyport'));
  await writeFile(join(directory, 'tree/a/empty'), '');
  await writeFile(join(directory, 'tree/a/b/run'), 'hi\n');
  await chmod(join(directory, 'tree/a/b/run'), 0o4755);
});

afterEach(() => rm(directory, { recursive: true }));

/** What the inspector saw, without the line of facts. */
async function scp(...words: readonly string[]): Promise<readonly ScpEffect[]> {
  const log = join(directory, 'log');
  await writeFile(log, '');
  await run('scp', ['-O', '-S', join(directory, 'ssh'), ...words], {
    env: { ...process.env, SCP_BRIDGE: log },
  });
  const [, ...lines] = (await readFile(log, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as ScpEffect);
}

describe('scp through the inspector', () => {
  it('copies a tree there and back, and reports each file', async () => {
    const up = await scp('-rp', join(directory, 'tree'), `h:${directory}/there`);
    const down = await scp('-r', `h:${directory}/there`, join(directory, 'back'));
    await run('diff', ['-r', join(directory, 'tree'), join(directory, 'back')]);
    const content = await readFile(join(directory, 'tree/big'));
    const big = {
      kind: 'transferred',
      path: join(directory, 'there'),
      bytes: 700_000,
      sha256: createHash('sha256').update(content).digest('hex'),
      closed: true,
    };
    expect(up).toHaveLength(3);
    expect(up).toContainEqual({ ...big, name: 'tree/big', direction: 'upload' });
    expect(down).toHaveLength(3);
    expect(down).toContainEqual({ ...big, name: 'there/big', direction: 'download' });
  });

  it('leaves the setuid bit behind', async () => {
    await scp('-p', join(directory, 'tree/a/b/run'), `h:${directory}/run`);
    expect((await stat(join(directory, 'run'))).mode & 0o7777).toBe(0o755);
  });

  it('lets an error of either end through', async () => {
    await expect(scp(join(directory, 'tree/big'), `h:${directory}/no/where`)).rejects.toThrow(
      'No such file or directory',
    );
    await expect(scp(`h:${directory}/nowhere`, directory)).rejects.toThrow(
      'No such file or directory',
    );
  });
});

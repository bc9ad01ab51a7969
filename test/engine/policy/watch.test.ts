import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { PolicyFile } from '../../../engine/policy/index.ts';
import { PolicyWatcher, readBundle } from '../../../engine/policy/index.ts';
import { eventually } from '../../support/eventually.ts';

const settleMilliseconds = 600;
const quiet = () => new Promise((resolve) => setTimeout(resolve, settleMilliseconds));

describe('following a directory of policies', () => {
  let root: string;
  let directory: string;
  let watcher: PolicyWatcher;
  let reads: (readonly PolicyFile[])[];
  const file = (name: string) => join(directory, name);
  const paths = () => reads.at(-1)?.map(({ path }) => path);

  async function start(): Promise<void> {
    watcher = new PolicyWatcher(directory, async () => {
      reads.push(await readBundle(directory));
    });
    await watcher.ready();
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sallyport-watch-'));
    directory = join(root, 'policies');
    mkdirSync(directory);
    writeFileSync(file('a.rego'), 'package rules.postgres.a\n');
    reads = [];
  });

  afterEach(async () => {
    await watcher.close();
    rmSync(root, { recursive: true });
  });

  it('reads once for an editor that writes a new file over the old one', async () => {
    await start();
    writeFileSync(file('.a.rego.swp'), 'x');
    writeFileSync(file('a.rego~'), 'package old\n');
    writeFileSync(file('4913'), '');
    rmSync(file('4913'));
    writeFileSync(file('a.rego.tmp'), 'package rules.postgres.b\n');
    renameSync(file('a.rego.tmp'), file('a.rego'));
    await eventually('a read', () => Promise.resolve(reads.length > 0));
    await quiet();
    expect(reads).toEqual([[{ path: 'a.rego', text: 'package rules.postgres.b\n' }]]);
  });

  it('reads once for a checkout of a whole tree, and never half of it', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        cwd: root,
      });
    git('init', '--quiet', '--initial-branch', 'main');
    git('add', '.');
    git('commit', '--quiet', '--message', 'one');
    git('checkout', '--quiet', '-b', 'many');
    for (let index = 0; index < 300; index += 1) {
      mkdirSync(file(`team-${index % 10}`), { recursive: true });
      writeFileSync(file(`team-${index % 10}/${index}.rego`), `package rules.postgres.p${index}\n`);
    }
    git('add', '.');
    git('commit', '--quiet', '--message', 'many');
    git('checkout', '--quiet', 'main');
    await start();
    git('checkout', '--quiet', 'many');
    await eventually('a read', () => Promise.resolve(reads.length > 0));
    await quiet();
    expect(reads.map((files) => files.length)).toEqual([301]);
  });

  it('sees files that come, go and move', async () => {
    await start();
    writeFileSync(file('data.json'), '{}');
    writeFileSync(file('README.md'), 'not a policy');
    await eventually('data', () => Promise.resolve(paths()?.includes('data.json') === true));
    expect(paths()).toEqual(['a.rego', 'data.json']);
    renameSync(file('a.rego'), file('b.rego'));
    await eventually('a move', () => Promise.resolve(paths()?.includes('b.rego') === true));
    expect(paths()).toEqual(['b.rego', 'data.json']);
    rmSync(file('data.json'));
    await eventually('a removal', () => Promise.resolve(paths()?.length === 1));
  });
});

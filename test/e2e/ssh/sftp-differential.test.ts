// Random requests in a tree full of links. Where everything is allowed, the inspector changes no answer and no file; where
// one directory is allowed, nothing outside is changed, and nothing outside is read.

import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { FileFacts } from '../../../hosts/ssh/files/index.ts';
import { openFlags, packetTypes } from '../../../hosts/ssh/files/sftp/packet-types.ts';
import type { PathKind, SftpRequest } from '../../../hosts/ssh/files/sftp/request.ts';
import { decodeSftpResponse } from '../../../hosts/ssh/files/sftp/response.ts';
import { seededRandom, type Random } from '../../fuzz/random.ts';
import { RawSftp } from '../../support/raw-sftp.ts';

const sequences = 40;
const requestsEach = 25;
const marker = 'of the outside';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'sallyport-differential-')));
});

afterEach(() => rm(root, { recursive: true }));

/** `home` with links of every kind, and `out` beside it, deeper than any path climbs. */
async function plant(name: string): Promise<string> {
  const base = join(root, name, '1/2/3');
  await mkdir(join(base, 'home/a/b'), { recursive: true });
  await mkdir(join(base, 'out/a'), { recursive: true });
  for (const path of ['home/f', 'home/a/f']) await writeFile(join(base, path), 'of the inside');
  for (const path of ['out/f', 'out/a/f']) await writeFile(join(base, path), marker);
  await symlink('a', join(base, 'home/l'));
  await symlink('../out', join(base, 'home/m'));
  await symlink('../../out/a', join(base, 'home/a/l'));
  await symlink('../nowhere', join(base, 'home/n'));
  await symlink('../out/f', join(base, 'home/k'));
  await symlink('loop', join(base, 'home/loop'));
  return base;
}

const segments = ['a', 'b', 'f', 'k', 'l', 'm', 'n', 'x', '..', '.', 'loop'];

function pathOf(random: Random): string {
  const length = 1 + random.below(4);
  return Array.from({ length }, () => segments[random.below(segments.length)] ?? 'a').join('/');
}

const pathKinds: readonly PathKind[] = [
  'lstat',
  'stat',
  'opendir',
  'remove',
  'rmdir',
  'realpath',
  'readlink',
];
const pairKinds = ['rename', 'posix-rename', 'hardlink', 'symlink'] as const;
const { read, write, create, truncate, exclusive, append } = openFlags;
const flagsOf = [
  read,
  read,
  write,
  write | create,
  write | create | truncate,
  read | write,
  read | create,
  read | truncate,
  write | create | exclusive,
  write | create | append,
];

const attributes = { permissions: 0o700 };

function requestOf(id: number, random: Random): SftpRequest {
  const path = pathOf(random);
  const pick = <Item>(items: readonly Item[]): Item => items[random.below(items.length)] as Item;
  switch (random.below(6)) {
    case 0:
    case 1:
      return { kind: pick(pathKinds), id, path };
    case 2:
      return { kind: pick(pairKinds), id, path, to: pathOf(random) };
    case 3:
      return { kind: pick(['mkdir', 'mkdir', 'setstat'] as const), id, path, attributes };
    default:
      return { kind: 'open', id, path, flags: pick(flagsOf), attributes };
  }
}

/** What a client learns, without what differs between two trees. */
function outcomeOf(packet: Buffer | undefined, base: string): string {
  if (packet === undefined) return 'none';
  const response = decodeSftpResponse(packet);
  switch (response.kind) {
    case 'status':
      // Of several reasons to fail, another may come first.
      return [2, 3, 4, 5].includes(response.code) ? 'fails' : `status ${response.code}`;
    case 'name':
      return `name ${response.names.map(({ name }) => name.toString().replace(join(base, '../../..'), '')).join(' ')}`;
    case 'attrs':
      return `attrs ${response.attributes.permissions}`;
    default:
      return response.kind;
  }
}

async function treeOf(directory: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isLink = entry.isSymbolicLink();
    const content = isLink
      ? await readlink(path)
      : entry.isDirectory()
        ? '/'
        : await readFile(path, 'utf8');
    tree[path.slice(directory.length)] = content;
  }
  return tree;
}

/** `file/.` and `file/..` are no paths to a kernel, and paths to the REALPATH of OpenSSH, which cuts dots as text. */
async function hasDotsBehindFile(home: string, request: SftpRequest): Promise<boolean> {
  const paths =
    'to' in request ? [request.path, request.to] : 'path' in request ? [request.path] : [];
  for (const path of paths) {
    for (const { index } of path.matchAll(/\/\.\.?(?=\/|$)/g)) {
      const found = await stat(`${home}/${path.slice(0, index)}`).catch(() => undefined);
      if (found?.isDirectory() === false) return true;
    }
  }
  return false;
}

/** Opens are closed at once, after a read of what they show. */
async function perform(peer: RawSftp, seed: number, base: string): Promise<readonly string[]> {
  const random = seededRandom(seed);
  const outcomes: string[] = [];
  for (let index = 0; index < requestsEach; index += 1) {
    const request = requestOf(1000 + 10 * index, random);
    if (await hasDotsBehindFile(join(base, 'home'), request)) continue;
    const [answer] = await peer.ask(request);
    const line = `${request.kind} ${'path' in request ? request.path : ''}: ${outcomeOf(answer, base)}`;
    outcomes.push(line);
    if (answer?.[4] !== packetTypes.handle) continue;
    const handle = answer.toString('latin1', 13);
    const { id } = request;
    if (request.kind === 'open' && (request.flags & read) !== 0) {
      const [content] = await peer.ask({ kind: 'read', id: id + 1, handle, offset: 0, bytes: 100 });
      outcomes.push(content?.toString('latin1', 9) ?? '');
    }
    await peer.ask({ kind: 'close', id: id + 2, handle });
  }
  return outcomes;
}

describe('random requests', () => {
  it('are answered as without the inspector, and leave the same files', async () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= sequences; seed += 1) {
      const runs: unknown[] = [];
      for (const way of ['straight', 'through'] as const) {
        const base = await plant(`${way}-${seed}`);
        const home = join(base, 'home');
        const peer = await RawSftp.start(home, way === 'straight' ? undefined : () => true);
        const outcomes = await perform(peer, seed, base);
        await peer.stop();
        for (const outcome of outcomes) kinds.add(outcome.replace(/ .*: /, ' '));
        runs.push([outcomes, await treeOf(join(root, `${way}-${seed}`))]);
        await rm(join(root, `${way}-${seed}`), { recursive: true });
      }
      expect([seed, runs[1]]).toEqual([seed, runs[0]]);
    }
    expect(kinds.size).toBeGreaterThan(30);
  });

  it('reach nothing outside the one directory that is allowed', async () => {
    let denied = 0;
    for (let seed = 1; seed <= sequences; seed += 1) {
      const base = await plant(`jail-${seed}`);
      const home = join(base, 'home');
      const before = await treeOf(join(base, 'out'));
      const isInside = (path: string): boolean => path === home || path.startsWith(`${home}/`);
      const judge = ({ path, to }: FileFacts): boolean => {
        const isAllowed = isInside(path) && (to === '' || isInside(to));
        if (!isAllowed) denied += 1;
        return isAllowed;
      };
      const peer = await RawSftp.start(home, judge);
      const outcomes = await perform(peer, seed, base);
      await peer.stop();
      expect(await treeOf(join(base, 'out'))).toEqual(before);
      expect(await readdir(base)).toEqual(['home', 'out']);
      expect(outcomes.filter((outcome) => outcome.includes(marker))).toEqual([]);
    }
    expect(denied).toBeGreaterThan(sequences);
  });
});

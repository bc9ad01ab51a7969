// A client that breaks every habit, against the real sftp-server: nothing outside the one allowed directory is touched.

import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { openFlags, packetTypes } from '../../../hosts/ssh/files/sftp/packet-types.ts';
import {
  encodeSftpRequest,
  encodeWrite,
  type SftpRequest,
} from '../../../hosts/ssh/files/sftp/request.ts';
import { RawSftp } from '../../support/raw-sftp.ts';

const { read, write, create, truncate } = openFlags;
const attributes = {};

let root: string;
let home: string;
let raw: RawSftp;

const isInside = (path: string): boolean => path === home || path.startsWith(`${home}/`);

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'sallyport-hostile-')));
  home = join(root, 'home');
  await mkdir(join(home, 'sub'), { recursive: true });
  await mkdir(join(root, 'secret'));
  await writeFile(join(root, 'secret/key'), 'do not read');
  await writeFile(join(home, 'mine'), 'mine');
  raw = await RawSftp.start(home, ({ path, to }) => isInside(path) && (to === '' || isInside(to)));
});

afterEach(async () => {
  await raw.stop();
  await rm(root, { recursive: true });
});

const typeOf = (packet: Buffer | undefined): number | undefined => packet?.[4];
const codeOf = (packet: Buffer | undefined): number | undefined =>
  typeOf(packet) === packetTypes.status ? packet?.readUInt32BE(9) : undefined;
const denied = 3;
const noSuchFile = 2;

let id = 100;
const next = (): number => (id += 1);
const openOf = (path: string, flags: number): SftpRequest => ({
  kind: 'open',
  id: next(),
  path,
  flags,
  attributes,
});

async function untouched(): Promise<void> {
  expect(await readdir(join(root, 'secret'))).toEqual(['key']);
  expect(await readFile(join(root, 'secret/key'), 'utf8')).toBe('do not read');
}

describe('a path out of the directory', () => {
  const spellings = (): readonly string[] => [
    join(root, 'secret/key'),
    '../secret/key',
    './sub/../../secret/./key',
    'sub//..//..//secret//key',
    `/proc/self/root${root}/secret/key`,
    '/proc/self/cwd/../secret/key',
    'out/key',
    'sub/around/../secret/key',
    'chain',
    'deep/home/out/key',
  ];

  beforeEach(async () => {
    await symlink('../secret', join(home, 'out'));
    await symlink(home, join(home, 'sub/around'));
    await symlink('chain2', join(home, 'chain'));
    await symlink('sub/../out/key', join(home, 'chain2'));
    await symlink(root, join(home, 'deep'));
  });

  it('is denied in every spelling, whatever is asked', async () => {
    for (const path of spellings()) {
      const requests: SftpRequest[] = [
        openOf(path, read),
        openOf(path, write | create | truncate),
        openOf(path, read | truncate),
        { kind: 'stat', id: next(), path },
        { kind: 'setstat', id: next(), path, attributes: { size: 0 } },
        { kind: 'realpath', id: next(), path },
        { kind: 'statvfs', id: next(), path },
        { kind: 'expand-path', id: next(), path },
      ];
      const answers = await raw.ask(...requests);
      const codes = answers.map((answer, index) => [requests[index]?.kind, path, codeOf(answer)]);
      expect(codes).toEqual(requests.map(({ kind }) => [kind, path, denied]));
    }
    await untouched();
  });

  it('is denied to what acts on the name itself', async () => {
    for (const path of ['../secret/key', 'out/key', 'deep/secret/key']) {
      const requests: SftpRequest[] = [
        { kind: 'lstat', id: next(), path },
        { kind: 'remove', id: next(), path },
        { kind: 'readlink', id: next(), path },
        { kind: 'mkdir', id: next(), path: `${path}2`, attributes },
        { kind: 'rename', id: next(), path, to: 'stolen' },
        { kind: 'posix-rename', id: next(), path, to: 'stolen' },
        { kind: 'posix-rename', id: next(), path: 'mine', to: path },
        { kind: 'hardlink', id: next(), path, to: 'stolen' },
        { kind: 'hardlink', id: next(), path: 'mine', to: `${path}2` },
        { kind: 'symlink', id: next(), path, to: 'stolen' },
        { kind: 'symlink', id: next(), path: 'mine', to: `${path}2` },
        { kind: 'lsetstat', id: next(), path, attributes: { permissions: 0o777 } },
        { kind: 'rmdir', id: next(), path: 'deep/secret' },
        { kind: 'opendir', id: next(), path: 'out' },
      ];
      const answers = await raw.ask(...requests);
      const codes = answers.map((answer, index) => [requests[index]?.kind, path, codeOf(answer)]);
      expect(codes).toEqual(requests.map(({ kind }) => [kind, path, denied]));
    }
    await untouched();
  });

  it('is not created through a link that leads to nothing', async () => {
    await symlink('../secret/new', join(home, 'dangling'));
    const [answer] = await raw.ask(openOf('dangling', write | create));
    expect(codeOf(answer)).toBe(denied);
    expect(raw.judged.at(-1)?.path).toBe(join(root, 'secret/new'));
    await untouched();
  });

  it('is not reached through a link that was made, renamed or hard-linked in the same chunk', async () => {
    const link: SftpRequest = { kind: 'symlink', id: next(), path: join(root, 'secret'), to: 'l1' };
    const [made, opened] = await raw.ask(link, openOf('l1/key', read));
    expect([codeOf(made), codeOf(opened)]).toEqual([denied, noSuchFile]);
    const swap: SftpRequest = { kind: 'posix-rename', id: next(), path: 'out', to: 'moved' };
    const again: SftpRequest = { kind: 'hardlink', id: next(), path: 'moved', to: 'other' };
    const answers = await raw.ask(
      { kind: 'stat', id: next(), path: 'sub' },
      swap,
      openOf('moved/key', read),
      again,
      openOf('other/key', read),
    );
    expect(answers.map(codeOf)).toEqual([undefined, 0, denied, 0, denied]);
    await untouched();
  });

  it('is not told from one that is not there', async () => {
    const paths = [
      '../secret/key',
      '../secret/nothing',
      '../secret/nothing/below',
      '../secret/key/below',
    ];
    const answers = await raw.ask(
      ...paths.map((path): SftpRequest => ({ kind: 'stat', id: next(), path })),
    );
    for (const answer of answers) expect(codeOf(answer)).toBe(denied);
  });
});

describe('a handle', () => {
  it('that was guessed, swapped or closed is of no use', async () => {
    const guess = '\0\0\0\0';
    const [before] = await raw.ask({
      kind: 'read',
      id: next(),
      handle: guess,
      offset: 0,
      bytes: 10,
    });
    expect(codeOf(before)).toBe(4);
    const [opened] = await raw.ask(openOf('mine', read));
    expect(typeOf(opened)).toBe(packetTypes.handle);
    const handle = opened?.toString('latin1', 13) ?? '';
    const writing = next();
    raw.send(encodeWrite({ id: writing, handle, offset: 0, bytes: 4 }, Buffer.from('evil')));
    const answers = await raw.ask(
      { kind: 'readdir', id: next(), handle },
      { kind: 'fsetstat', id: next(), handle, attributes: { size: 0 } },
      { kind: 'copy-data', id: next(), handle, offset: 0, bytes: 0, toHandle: handle, toOffset: 0 },
      { kind: 'close', id: next(), handle },
      { kind: 'read', id: next(), handle, offset: 0, bytes: 10 },
      { kind: 'close', id: next(), handle },
    );
    expect(answers.map(codeOf)).toEqual([denied, denied, denied, 0, 4, 4]);
    const refused = raw.answers.find((packet) => packet.readUInt32BE(5) === writing);
    expect(codeOf(refused)).toBe(denied);
    expect(await readFile(join(home, 'mine'), 'utf8')).toBe('mine');
  });
});

describe('a flood', () => {
  it('of 100,000 reads without waiting is served in bounded memory', async () => {
    const [opened] = await raw.ask(openOf('mine', read));
    const handle = opened?.toString('latin1', 13) ?? '';
    const first = 1_000_000;
    const count = 100_000;
    const before = raw.answers.length;
    const requests = Array.from({ length: count }, (_, index) =>
      encodeSftpRequest({ kind: 'read', id: first + index, handle, offset: 0, bytes: 4 }),
    );
    for (let index = 0; index < count; index += 1000) {
      raw.send(Buffer.concat(requests.slice(index, index + 1000)));
    }
    await raw.until(() => raw.answers.length === before + count);
    expect(raw.isCut).toBe(false);
    expect(raw.answers.slice(before).every((packet) => typeOf(packet) === packetTypes.data)).toBe(
      true,
    );
  });

  it('of numbers that are in use ends the channel', async () => {
    const [opened] = await raw.ask(openOf('mine', read));
    const handle = opened?.toString('latin1', 13) ?? '';
    const request = encodeSftpRequest({ kind: 'read', id: next(), handle, offset: 0, bytes: 4 });
    raw.send(Buffer.concat([request, request]));
    await raw.until(() => raw.isCut);
    expect(raw.others.at(-1)).toEqual({ kind: 'cut', rule: 'request-id-reused' });
  });
});

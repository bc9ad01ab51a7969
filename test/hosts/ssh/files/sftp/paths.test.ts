import { describe, expect, it } from '@jest/globals';

import { openFlags } from '../../../../../hosts/ssh/files/sftp/packet-types.ts';
import {
  encodeSftpRequest,
  type SftpRequest,
} from '../../../../../hosts/ssh/files/sftp/request.ts';
import { encodeSftpVersion } from '../../../../../hosts/ssh/files/sftp/version.ts';
import { Conversation, nameOf } from './conversation.ts';
import { ok } from './packets.ts';

const { read, write, append, create, truncate, exclusive } = openFlags;
const attributes = {};

describe('a request with a path', () => {
  it('is judged and forwarded with the path that the target resolved', () => {
    const talk = new Conversation();
    talk.request({ kind: 'open', id: 7, path: 'a/../b', flags: read, attributes });
    expect(talk.resolve('/home/u/b')).toEqual(['a/../b']);
    expect(talk.allow()).toEqual({
      operation: 'read',
      path: '/home/u/b',
      to: '',
      protocol: 'sftp',
      recursive: false,
    });
    expect(talk.forwarded()).toEqual({
      kind: 'open',
      id: 7,
      path: '/home/u/b',
      flags: read,
      attributes,
    });
  });

  it('is answered in the place of the target when it is denied', () => {
    const talk = new Conversation();
    talk.request({ kind: 'remove', id: 7, path: 'b' });
    talk.resolve('/home/u');
    expect(talk.deny('not on a Friday').operation).toBe('delete');
    expect(talk.answers()).toEqual([
      { kind: 'status', id: 7, code: 3, message: 'not on a Friday' },
    ]);
    expect(talk.rest()).toEqual([]);
  });

  it('holds up what comes behind it', () => {
    const talk = new Conversation();
    talk.client(
      Buffer.concat([
        encodeSftpRequest({ kind: 'stat', id: 1, path: 'a' }),
        encodeSftpRequest({ kind: 'stat', id: 2, path: 'b' }),
      ]),
    );
    expect(talk.inspector.wantsClient).toBe(false);
    talk.resolve('/a');
    expect(talk.packets('to-target')).toEqual([]);
    talk.allow();
    const [first, question] = talk.packets('to-target');
    expect(first).toEqual(encodeSftpRequest({ kind: 'stat', id: 1, path: '/a' }));
    talk.target(nameOf(question?.readUInt32BE(5) ?? 0, '/b'));
    expect(talk.judged().id).toBe(2);
  });

  it('never uses a number of the client for its own questions', () => {
    const talk = new Conversation();
    talk.open(1, read);
    for (const id of [0xffff_ffff, 0xffff_fffe]) {
      talk.request({ kind: 'read', id, handle: 'H', offset: 0, bytes: 1 });
    }
    talk.bytes('to-target');
    talk.request({ kind: 'stat', id: 3, path: 'a' });
    expect(talk.forwarded().id).toBe(0xffff_fffd);
  });

  type Case = readonly [
    request: SftpRequest,
    questions: readonly string[],
    judged: readonly string[],
    sent: Partial<SftpRequest>,
  ];
  const id = 9;
  const path = 'd/x';
  const to = 'e/y';
  const cases: readonly Case[] = [
    [{ kind: 'stat', id, path }, ['d/x'], ['stat /R'], { path: '/R' }],
    [{ kind: 'opendir', id, path }, ['d/x'], ['list /R'], { path: '/R' }],
    [{ kind: 'statvfs', id, path }, ['d/x'], ['stat /R'], { path: '/R' }],
    [
      { kind: 'setstat', id, path, attributes: { permissions: 0o644 } },
      ['d/x'],
      ['setstat /R'],
      { path: '/R' },
    ],
    [{ kind: 'setstat', id, path, attributes: { size: 0 } }, ['d/x'], ['write /R'], { path: '/R' }],
    [
      { kind: 'setstat', id, path, attributes: { size: 0, permissions: 0o6755 } },
      ['d/x'],
      ['setstat /R', 'write /R', 'setid /R'],
      { path: '/R' },
    ],
    [
      { kind: 'lsetstat', id, path, attributes: { times: { access: 1, modification: 2 } } },
      ['d'],
      ['setstat /R/x'],
      { path: '/R/x' },
    ],
    [{ kind: 'lstat', id, path }, ['d'], ['stat /R/x'], { path: '/R/x' }],
    [{ kind: 'lstat', id, path: 'd/..' }, ['d/..'], ['stat /R'], { path: '/R' }],
    [{ kind: 'lstat', id, path: '/' }, ['/'], ['stat /R'], { path: '/R' }],
    [{ kind: 'lstat', id, path: 'x' }, ['.'], ['stat /R/x'], { path: '/R/x' }],
    [{ kind: 'lstat', id, path: '/x' }, ['/'], ['stat /R/x'], { path: '/R/x' }],
    [{ kind: 'remove', id, path: 'd/x//' }, ['d'], ['delete /R/x'], { path: '/R/x' }],
    [{ kind: 'rmdir', id, path }, ['d'], ['rmdir /R/x'], { path: '/R/x' }],
    [{ kind: 'mkdir', id, path, attributes }, ['d'], ['mkdir /R/x'], { path: '/R/x' }],
    [
      { kind: 'mkdir', id, path, attributes: { permissions: 0o2755 } },
      ['d'],
      ['mkdir /R/x', 'setid /R/x'],
      { path: '/R/x' },
    ],
    [{ kind: 'readlink', id, path }, ['d'], ['readlink /R/x'], { path: '/R/x' }],
    [
      { kind: 'rename', id, path, to },
      ['d', 'e', '/R/x'],
      ['rename /R/x /R/y'],
      { path: '/R/x', to: '/R/y' },
    ],
    [
      { kind: 'posix-rename', id, path, to },
      ['d', 'e', '/R/x'],
      ['rename /R/x /R/y'],
      { path: '/R/x', to: '/R/y' },
    ],
    [
      { kind: 'hardlink', id, path, to },
      ['d', 'e'],
      ['hardlink /R/x /R/y'],
      { path: '/R/x', to: '/R/y' },
    ],
    // What a link says stays as it is; where it leads is seen from the directory that it will be in.
    [{ kind: 'symlink', id, path, to }, ['e', '/R/d/x'], ['symlink /R /R/y'], { path, to: '/R/y' }],
    [
      { kind: 'open', id, path, flags: read | truncate, attributes },
      ['d/x'],
      ['read /R', 'write /R'],
      { path: '/R' },
    ],
    [
      { kind: 'open', id, path, flags: read | create, attributes },
      ['d/x'],
      ['read /R', 'write /R'],
      { path: '/R' },
    ],
    [
      { kind: 'open', id, path, flags: read | write, attributes },
      ['d/x'],
      ['read /R', 'write /R'],
      { path: '/R' },
    ],
    [
      { kind: 'open', id, path, flags: write | create | append, attributes },
      ['d/x'],
      ['append /R'],
      { path: '/R' },
    ],
    [
      { kind: 'open', id, path, flags: write | truncate | append, attributes },
      ['d/x'],
      ['write /R', 'append /R'],
      { path: '/R' },
    ],
    [
      { kind: 'open', id, path, flags: write | create | exclusive, attributes },
      ['d'],
      ['write /R/x'],
      { path: '/R/x' },
    ],
    [
      { kind: 'open', id, path, flags: write | create, attributes: { permissions: 0o4755 } },
      ['d/x'],
      ['write /R', 'setid /R'],
      { path: '/R' },
    ],
  ];

  it.each(cases.map((entry) => ({ name: JSON.stringify(entry[0]), entry })))(
    '$name',
    ({ entry: [request, questions, judged, sent] }) => {
      const talk = new Conversation();
      talk.request(request);
      const answers = questions.map(() => '/R');
      if (request.kind === 'rename' || request.kind === 'posix-rename') {
        expect(talk.resolve('/R', '/R')).toEqual(questions.slice(0, 2));
        const probe = talk.forwarded();
        expect(probe).toMatchObject({ kind: 'lstat', path: questions[2] });
        talk.answer({ kind: 'attrs', id: probe.id, attributes: { permissions: 0o100644 } });
      } else expect(talk.resolve(...answers)).toEqual(questions);
      const asked = judged.map(() => {
        const { operation, path, to } = talk.allow();
        return [operation, path, to].join(' ').trimEnd();
      });
      expect(asked).toEqual(judged);
      expect(talk.forwarded()).toEqual({ ...request, ...sent });
    },
  );

  it.each(['realpath', 'expand-path', 'home-directory'] as const)(
    'is answered without asking the target again: %s',
    (kind) => {
      const talk = new Conversation();
      talk.request({ kind, id: 4, path: '.' });
      expect(talk.forwarded().kind).toBe(kind);
      talk.target(nameOf(0xffff_ffff, '/home/u'));
      expect(talk.allow()).toMatchObject({ operation: 'realpath', path: '/home/u' });
      expect(talk.bytes('to-client')).toEqual(nameOf(4, '/home/u'));
      expect(talk.bytes('to-target')).toHaveLength(0);
    },
  );

  it('says that a directory moves with all below it', () => {
    const talk = new Conversation();
    talk.request({ kind: 'rename', id: 1, path: '/a', to: '/b' });
    talk.resolve('/', '/');
    const { id } = talk.forwarded();
    talk.answer({ kind: 'attrs', id, attributes: { permissions: 0o040755 } });
    expect(talk.allow()).toMatchObject({
      operation: 'rename',
      path: '/a',
      to: '/b',
      recursive: true,
    });
  });

  it('is judged before the caller learns that it leads nowhere', () => {
    for (const verdict of ['allow', 'deny'] as const) {
      const talk = new Conversation();
      talk.request({ kind: 'stat', id: 1, path: 'nowhere/../secret/x' });
      expect(talk.resolve(2, '/home/u')).toEqual(['nowhere/../secret/x', '.']);
      expect(talk[verdict]()).toMatchObject({ operation: 'stat', path: '/home/u/secret/x' });
      const code = verdict === 'allow' ? 2 : 3;
      expect(talk.answers()).toEqual([expect.objectContaining({ kind: 'status', id: 1, code })]);
      expect(talk.bytes('to-target')).toHaveLength(0);
    }
  });

  it.each(['relative', '', '/a/../b', '/a//b', '/a/', '/a/.', '/a\0b', '\xff'])(
    'goes no further when the target resolves it to %j',
    (answer) => {
      const talk = new Conversation();
      talk.request({ kind: 'stat', id: 1, path: 'x' });
      const { id } = talk.forwarded();
      const names = [{ name: Buffer.from(answer, 'latin1'), attributes: {} }];
      talk.answer({ kind: 'name', id, names });
      expect(talk.rest('refused')).toEqual([
        { kind: 'refused', rule: 'target-path', request: 'stat' },
      ]);
      expect(talk.answers()).toMatchObject([{ kind: 'status', id: 1, code: 4 }]);
    },
  );

  it('goes no further when the target resolves it to several paths', () => {
    const talk = new Conversation();
    talk.request({ kind: 'stat', id: 1, path: 'x' });
    const { id } = talk.forwarded();
    const name = { name: Buffer.from('/a'), attributes: {} };
    talk.answer({ kind: 'name', id, names: [name, name] });
    expect(talk.rest('refused')).toMatchObject([{ rule: 'target-path' }]);
  });

  it('is no link on a target that may read its paths the other way round', () => {
    // As asyncssh announces itself, which then goes by the name of the client.
    const extensions = [
      ['posix-rename@openssh.com', '1'],
      ['hardlink@openssh.com', '1'],
    ] as const;
    const talk = new Conversation({}, encodeSftpVersion('version', { version: 3, extensions }));
    talk.request({ kind: 'symlink', id: 1, path: 'a', to: 'b' });
    expect(talk.rest('refused')).toEqual([
      { kind: 'refused', rule: 'symlink-order', request: 'symlink' },
    ]);
    expect(talk.bytes('to-target')).toHaveLength(0);
  });

  it('waits for the answer to what may change where it leads', () => {
    const talk = new Conversation();
    talk.request({ kind: 'symlink', id: 1, path: '/etc', to: '/d' });
    talk.resolve('/', '/etc');
    talk.allow();
    expect(talk.forwarded().kind).toBe('symlink');
    talk.request({ kind: 'open', id: 2, path: '/d/passwd', flags: read, attributes });
    expect(talk.packets('to-target')).toEqual([]);
    talk.target(ok(1));
    expect(talk.forwarded()).toMatchObject({ kind: 'realpath', path: '/d/passwd' });
  });

  it('is answered before anything may change where it leads', () => {
    const talk = new Conversation();
    talk.request({ kind: 'stat', id: 1, path: '/d' });
    talk.resolve('/d');
    talk.allow();
    expect(talk.forwarded().kind).toBe('stat');
    talk.request({ kind: 'rename', id: 2, path: '/x', to: '/d' });
    expect(talk.packets('to-target')).toEqual([]);
    talk.answer({ kind: 'attrs', id: 1, attributes });
    expect(talk.forwarded()).toMatchObject({ kind: 'realpath', path: '/' });
  });
});

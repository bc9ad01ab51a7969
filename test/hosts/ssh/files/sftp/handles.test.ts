import { describe, expect, it } from '@jest/globals';

import { openFlags } from '../../../../../hosts/ssh/files/sftp/packet-types.ts';
import { encodeSftpRequest } from '../../../../../hosts/ssh/files/sftp/request.ts';
import { encodeData, encodeStatus } from '../../../../../hosts/ssh/files/sftp/response.ts';
import { Conversation, nameOf } from './conversation.ts';
import { closeOf, ok, opened, readOf, sha256, transfersAfterClose, writeOf } from './packets.ts';

const { read, write, append, create } = openFlags;
const endOfFile = (id: number): Buffer => encodeStatus(id, 1, 'End of file');

const refusals = (talk: Conversation): readonly unknown[] =>
  talk.rest('refused').map((effect) => effect.kind === 'refused' && effect.rule);

describe('an upload', () => {
  it('passes as it came, and is hashed', () => {
    const talk = opened(write);
    const packets = Buffer.concat([writeOf(2, 0, 'hello '), writeOf(3, 6, 'world')]);
    talk.client(packets);
    expect(talk.bytes('to-target')).toEqual(packets);
    talk.target(Buffer.concat([ok(2), ok(3)]));
    expect(transfersAfterClose(talk)).toEqual([
      {
        kind: 'transferred',
        path: '/file',
        name: '',
        direction: 'upload',
        bytes: 11,
        sha256: sha256('hello world'),
        closed: true,
      },
    ]);
  });

  it.each([
    ['was sent in another order', [writeOf(2, 6, 'world'), writeOf(3, 0, 'hello ')], write, 11],
    ['overwrote itself', [writeOf(2, 0, 'hello'), writeOf(3, 0, 'world')], write, 10],
    ['left a gap', [writeOf(2, 0, 'hello'), writeOf(3, 6, 'world')], write, 10],
    ['was appended', [writeOf(2, 0, 'hello')], write | append, 5],
    ['went on where a file ended', [writeOf(2, 5, 'hello')], write | create, 5],
  ])('has no hash when it %s', (_, packets, flags, bytes) => {
    const talk = opened(flags);
    packets.forEach((packet, index) => {
      talk.client(packet);
      talk.target(ok(2 + index));
    });
    expect(transfersAfterClose(talk)).toMatchObject([{ bytes, sha256: null, closed: true }]);
  });

  it('counts only what the target has written', () => {
    const talk = opened(write);
    talk.client(Buffer.concat([writeOf(2, 0, 'hello '), writeOf(3, 6, 'world')]));
    talk.target(Buffer.concat([ok(2), encodeStatus(3, 4, 'disk full')]));
    expect(transfersAfterClose(talk)).toMatchObject([{ bytes: 6, sha256: null }]);
  });

  it.each([
    [4, null],
    [5, sha256('hello')],
    [9, sha256('hello')],
  ])('that is given the size %d has the hash %s', (size, hash) => {
    const talk = opened(write);
    talk.client(writeOf(2, 0, 'hello'));
    talk.target(ok(2));
    talk.request({ kind: 'fsetstat', id: 3, handle: 'H', attributes: { size } });
    expect(talk.allow()).toMatchObject({ operation: 'write', path: '/file' });
    talk.target(ok(3));
    expect(transfersAfterClose(talk)).toMatchObject([{ bytes: 5, sha256: hash }]);
  });

  it('is reported when the channel ends in it', () => {
    const talk = opened(write);
    talk.client(writeOf(2, 0, 'hello').subarray(0, -1));
    expect(talk.inspector.clientIdle).toBe(false);
    expect(talk.inspector.end()).toMatchObject([
      { kind: 'transferred', bytes: 0, sha256: null, closed: false },
    ]);
    expect(talk.inspector.end()).toEqual([]);
  });
});

describe('a download', () => {
  it('passes as it comes, and is hashed', () => {
    const talk = opened(read);
    const requests = Buffer.concat([readOf(2, 0, 6), readOf(3, 6, 100), readOf(4, 106, 100)]);
    talk.client(requests);
    expect(talk.bytes('to-target')).toEqual(requests);
    const answers = Buffer.concat([
      encodeData(2, Buffer.from('hello ')),
      encodeData(3, Buffer.from('world')),
      endOfFile(4),
    ]);
    talk.target(answers);
    expect(talk.bytes('to-client')).toEqual(answers);
    expect(transfersAfterClose(talk)).toEqual([
      {
        kind: 'transferred',
        path: '/file',
        name: '',
        direction: 'download',
        bytes: 11,
        sha256: sha256('hello world'),
        closed: true,
      },
    ]);
  });

  it('has no hash when it came in another order', () => {
    const talk = opened(read);
    talk.client(Buffer.concat([readOf(2, 0, 6), readOf(3, 6, 5)]));
    talk.target(encodeData(3, Buffer.from('world')));
    talk.target(encodeData(2, Buffer.from('hello ')));
    expect(transfersAfterClose(talk)).toMatchObject([{ bytes: 11, sha256: null }]);
  });

  it('of a file that was not read is one of nothing', () => {
    expect(transfersAfterClose(opened(read))).toMatchObject([{ bytes: 0, sha256: sha256('') }]);
  });

  it('is told from an upload in a file that was opened for both', () => {
    const talk = opened(read | write);
    talk.client(writeOf(2, 0, 'new'));
    talk.target(ok(2));
    talk.client(readOf(3, 0, 10));
    talk.target(encodeData(3, Buffer.from('new & old!')));
    expect(transfersAfterClose(talk)).toMatchObject([
      { direction: 'download', bytes: 10, sha256: sha256('new & old!') },
      { direction: 'upload', bytes: 3, sha256: sha256('new') },
    ]);
  });
});

describe('a handle', () => {
  it.each([
    ['read', readOf(2, 0, 1), write],
    ['write', writeOf(2, 0, 'x'), read],
    ['fsync', encodeSftpRequest({ kind: 'fsync', id: 2, handle: 'H' }), read],
    ['readdir', encodeSftpRequest({ kind: 'readdir', id: 2, handle: 'H' }), read],
    [
      'fsetstat',
      encodeSftpRequest({ kind: 'fsetstat', id: 2, handle: 'H', attributes: { size: 0 } }),
      read,
    ],
  ])('serves only what it was opened for: %s', (request, packet, flags) => {
    const talk = opened(flags);
    talk.client(packet);
    expect(talk.rest('refused')).toEqual([{ kind: 'refused', rule: 'handle-access', request }]);
    expect(talk.answers()).toMatchObject([{ kind: 'status', id: 2, code: 3 }]);
    expect(talk.rest()).toEqual([]);
  });

  it('of a directory is listed, and neither read nor written', () => {
    const talk = new Conversation();
    talk.request({ kind: 'opendir', id: 1, path: '/d' });
    talk.resolve('/d');
    talk.allow();
    talk.forwarded();
    talk.answer({ kind: 'handle', id: 1, handle: 'D' });
    talk.bytes('to-client');
    talk.client(Buffer.concat([readOf(2, 0, 1, 'D'), writeOf(3, 0, 'x', 'D')]));
    expect(refusals(talk)).toEqual(['handle-access', 'handle-access']);
    talk.bytes('to-client');
    talk.request({ kind: 'readdir', id: 4, handle: 'D' });
    const listing = nameOf(4, 'a name');
    talk.target(listing);
    expect(talk.bytes('to-client')).toEqual(listing);
  });

  it('is gone as soon as it is closed, whether the target has answered or not', () => {
    const talk = opened(write);
    talk.client(Buffer.concat([closeOf(2), writeOf(3, 0, 'late'), closeOf(4)]));
    expect(refusals(talk)).toEqual(['handle-unknown', 'handle-unknown']);
    expect(talk.bytes('to-target')).toEqual(closeOf(2));
  });

  it('may be given out again once it was closed', () => {
    const talk = opened(write);
    talk.client(closeOf(2));
    talk.target(ok(2));
    talk.rest();
    talk.open(3, read, 'H');
    talk.client(readOf(4, 0, 1));
    expect(talk.bytes('to-target')).toEqual(readOf(4, 0, 1));
  });

  it('is set attributes of only after a question', () => {
    const talk = opened(read);
    const request = {
      kind: 'fsetstat',
      id: 2,
      handle: 'H',
      attributes: { permissions: 0o4755 },
    } as const;
    talk.request(request);
    expect(talk.allow()).toMatchObject({ operation: 'setstat', path: '/file' });
    expect(talk.deny()).toMatchObject({ operation: 'setid', path: '/file' });
    expect(talk.answers()).toMatchObject([{ id: 2, code: 3 }]);
    expect(talk.bytes('to-target')).toHaveLength(0);
  });

  it('is copied from and to only as it was opened, after a question', () => {
    const talk = opened(read);
    talk.open(2, write, 'T');
    const copy = { kind: 'copy-data', id: 3, offset: 0, bytes: 0, toOffset: 0 } as const;
    talk.request({ ...copy, handle: 'T', toHandle: 'H' });
    expect(refusals(talk)).toEqual(['handle-access']);
    talk.bytes('to-client');
    talk.request({ ...copy, handle: 'H', toHandle: 'T' });
    expect(talk.allow()).toMatchObject({ operation: 'copy', path: '/file', to: '/file' });
    expect(talk.forwarded()).toEqual({ ...copy, handle: 'H', toHandle: 'T' });
  });

  it('is one of a limited number, those that are being opened included', () => {
    const talk = new Conversation({ handlesMax: 2 });
    talk.open(1, read, 'A');
    for (const id of [2, 3]) {
      talk.request({ kind: 'opendir', id, path: '/' });
      if (id === 2) {
        talk.resolve('/');
        talk.allow();
        talk.forwarded();
      }
    }
    expect(refusals(talk)).toEqual(['handles-max']);
    talk.target(encodeStatus(2, 2, 'No such file'));
    talk.bytes('to-client');
    talk.open(4, read, 'B');
    talk.client(readOf(5, 0, 1, 'B'));
    expect(talk.bytes('to-target')).toEqual(readOf(5, 0, 1, 'B'));
  });
});

import { describe, expect, it } from '@jest/globals';

import { SftpInspector } from '../../../../../hosts/ssh/files/index.ts';
import { openFlags } from '../../../../../hosts/ssh/files/sftp/packet-types.ts';
import { encodeSftpRequest } from '../../../../../hosts/ssh/files/sftp/request.ts';
import {
  decodeSftpVersion,
  encodeSftpVersion,
} from '../../../../../hosts/ssh/files/sftp/version.ts';
import { Conversation, init, version } from './conversation.ts';
import { cutRule, ok, writeOf } from './packets.ts';

const { read, append, create } = openFlags;
const attributes = {};
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('the opening', () => {
  it('offers version 3 to both sides, and of the extensions those on the list', () => {
    const inspector = new SftpInspector();
    const offered = encodeSftpVersion('init', { version: 6, extensions: [['x', 'y']] });
    const [toTarget] = inspector.fromClient(offered);
    expect(toTarget).toEqual({ kind: 'to-target', bytes: init });
    expect(inspector.wantsClient).toBe(false);
    const extensions = [
      ['posix-rename@openssh.com', '1'],
      ['statvfs@openssh.com', '3'],
      ['md5-hash', '1'],
    ] as const;
    const [toClient] = inspector.fromTarget(
      encodeSftpVersion('version', { version: 3, extensions }),
    );
    expect(toClient?.kind).toBe('to-client');
    const { bytes } = toClient as { bytes: Buffer };
    expect(decodeSftpVersion(bytes)).toEqual({
      version: 3,
      extensions: [['posix-rename@openssh.com', '1']],
    });
    expect(inspector.wantsClient).toBe(true);
  });

  it.each([
    ['an old version', encodeSftpVersion('init', { version: 2, extensions: [] }), 'init-version'],
    ['half an extension', hex('00000009 01 00000003 00000001'), 'init-version'],
    ['no version', hex('00000003 01 0000'), 'init-version'],
    ['another packet', encodeSftpRequest({ kind: 'stat', id: 1, path: '/' }), 'init-missing'],
    ['nothing', hex('00000000'), 'packet-length'],
    ['too much', hex('7fffffff 01'), 'packet-length'],
  ])('is cut at %s', (_, packet, rule) => {
    expect(new SftpInspector().fromClient(packet)).toEqual([{ kind: 'cut', rule }]);
  });

  it.each([
    [
      'another version',
      encodeSftpVersion('version', { version: 4, extensions: [] }),
      'target-version',
    ],
    ['another packet', ok(1), 'target-version'],
  ])('is cut when the target answers with %s', (_, packet, rule) => {
    const inspector = new SftpInspector();
    inspector.fromClient(init);
    expect(inspector.fromTarget(packet)).toEqual([{ kind: 'cut', rule }]);
    expect(inspector.fromTarget(version)).toEqual([]);
    expect(inspector.fromClient(init)).toEqual([]);
  });

  it('is cut when the target speaks first', () => {
    expect(new SftpInspector().fromTarget(version)).toEqual([
      { kind: 'cut', rule: 'target-version' },
    ]);
  });

  it('happens once', () => {
    const talk = new Conversation();
    talk.client(init);
    expect(cutRule(talk)).toBe('init-twice');
  });
});

describe('a request that breaks a rule', () => {
  const long = 'x'.repeat(4097);
  const extended = (name: string): Buffer => {
    const packet = Buffer.concat([hex('00000000 c8 00000005 00000000'), Buffer.from(name)]);
    packet.writeUInt32BE(packet.length - 4, 0);
    packet.writeUInt32BE(name.length, 9);
    return packet;
  };
  const open = (flags: number): Buffer =>
    encodeSftpRequest({ kind: 'open', id: 5, path: '/x', flags, attributes });
  it.each([
    ['packet-malformed', hex('00000008 11 00000005 000000'), 5],
    ['packet-malformed', hex('0000000b 11 00000005 00000001 2f 2f'), 5],
    ['packet-unknown', hex('00000005 63 00000005'), 8],
    ['packet-unknown', hex('00000005 65 00000005'), 8],
    ['extension-unknown', extended('md5-hash'), 8],
    ['extension-unknown', extended('toString'), 8],
    ['path-utf8', hex('0000000a 11 00000005 00000001 ff'), 5],
    ['path-nul', encodeSftpRequest({ kind: 'stat', id: 5, path: '/a\0b' }), 5],
    ['path-length', encodeSftpRequest({ kind: 'stat', id: 5, path: long }), 5],
    ['path-empty', encodeSftpRequest({ kind: 'stat', id: 5, path: '' }), 2],
    ['path-empty', encodeSftpRequest({ kind: 'rename', id: 5, path: '/a', to: '' }), 2],
    ['path-name', encodeSftpRequest({ kind: 'rmdir', id: 5, path: 'a/.' }), 4],
    ['path-name', encodeSftpRequest({ kind: 'mkdir', id: 5, path: '/', attributes }), 4],
    ['path-name', encodeSftpRequest({ kind: 'rename', id: 5, path: 'a', to: 'b/..' }), 4],
    ['path-name', encodeSftpRequest({ kind: 'hardlink', id: 5, path: '..', to: 'b' }), 4],
    ['path-name', encodeSftpRequest({ kind: 'symlink', id: 5, path: '..', to: './/' }), 4],
    ['open-flags', open(0), 5],
    ['open-flags', open(create), 5],
    ['open-flags', open(read | append), 5],
    ['open-flags', open(read | 0x40), 5],
    ['attributes-flags', hex('00000012 09 00000005 00000001 2f 00000010 00000000'), 5],
    ['attributes-flags', hex('00000012 09 00000005 00000001 2f 80000000 00000000'), 5],
    ['offset-range', hex('00000016 05 00000005 00000001 48 0020000000000000 00000001'), 5],
    ['handle-unknown', encodeSftpRequest({ kind: 'close', id: 5, handle: 'X' }), 4],
    [
      'handle-unknown',
      encodeSftpRequest({ kind: 'read', id: 5, handle: '', offset: 0, bytes: 9 }),
      4,
    ],
    ['handle-unknown', writeOf(5, 0, 'content', 'X'), 4],
  ])('%s', (rule, packet, code) => {
    const talk = new Conversation();
    talk.client(packet);
    expect(talk.rest('refused')).toMatchObject([{ rule }]);
    expect(talk.answers()).toMatchObject([
      { kind: 'status', id: 5, code, message: expect.stringContaining(rule) },
    ]);
    expect(talk.rest()).toEqual([]);
    expect(talk.inspector.clientIdle).toBe(true);
  });
});

// Requests and channel types: what is sent is read as the same, and nothing else is.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { FieldReader } from '../../../../hosts/ssh/guard/fields.ts';
import type { ChannelType } from '../../../../hosts/ssh/guard/requests.ts';
import {
  channelRequestPayload,
  channelTypeFields,
  readChannelRequest,
  readChannelType,
  readGlobalRequest,
} from '../../../../hosts/ssh/guard/requests.ts';
import { Violation } from '../../../../hosts/ssh/guard/violation.ts';

type Sent = Parameters<typeof channelRequestPayload>[1];

const size = { columns: 80, rows: 24, width: 640, height: 480 };
const sent: readonly Sent[] = [
  { kind: 'pty', term: 'xterm-256color', ...size, modes: Buffer.from([129, 0, 0, 0, 9, 0]) },
  { kind: 'window-change', ...size },
  { kind: 'env', name: 'LANG', value: Buffer.from([0xff, 0x00]) },
  { kind: 'shell' },
  { kind: 'exec', command: Buffer.from('ls \xff', 'latin1') },
  { kind: 'subsystem', name: 'sftp' },
  { kind: 'signal', name: 'TERM' },
  { kind: 'exit-status', status: 0xffff_ffff },
  { kind: 'exit-signal', name: 'KILL', coreDumped: true, message: 'gone' },
  { kind: 'agent' },
  { kind: 'eow' },
];
const types: readonly Exclude<ChannelType, { readonly kind: 'other' }>[] = [
  { kind: 'session' },
  { kind: 'direct-tcpip', host: 'db', port: 5432, originHost: '127.0.0.1', originPort: 1 },
  { kind: 'forwarded-tcpip', host: '', port: 80, originHost: '::1', originPort: 65_535 },
  { kind: 'direct-socket', path: '/run/docker.sock' },
  { kind: 'forwarded-socket', path: '/tmp/agent' },
];

function readRequest(payload: Buffer) {
  const fields = new FieldReader(payload, 1);
  const channel = fields.uint32();
  const name = fields.text();
  const wantReply = fields.boolean();
  return { channel, wantReply, request: readChannelRequest(name, fields) };
}

const refused = (read: () => unknown): boolean => {
  try {
    read();
    return false;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return true;
  }
};

describe('a request on a channel', () => {
  it.each(sent)('$kind', (request) => {
    for (const wantReply of [true, false]) {
      const payload = channelRequestPayload(7, request, wantReply);
      expect(readRequest(payload)).toEqual({ channel: 7, wantReply, request });
      expect(refused(() => readRequest(Buffer.concat([payload, Buffer.of(0)])))).toBe(true);
      for (let end = 1; end < payload.length; end += 1) {
        expect(refused(() => readRequest(payload.subarray(0, end)))).toBe(true);
      }
    }
  });

  it('has a terminal of a size that a screen can have', () => {
    const huge = { columns: 0xffff_ffff, rows: 5000, width: 0xffff_ffff, height: 70_000 };
    const { request } = readRequest(
      channelRequestPayload(0, { kind: 'window-change', ...huge }, false),
    );
    expect(request).toEqual({
      ...{ kind: 'window-change', columns: 4096, rows: 4096, width: 65_535, height: 65_535 },
    });
  });

  it.each([
    ['name', { term: 'x'.repeat(257), modes: Buffer.alloc(0) }],
    ['modes', { term: 'x', modes: Buffer.alloc(4097) }],
  ])('has no terminal with too long a %s', (_what, long) => {
    const payload = channelRequestPayload(0, { kind: 'pty', ...size, ...long }, true);
    expect(refused(() => readRequest(payload))).toBe(true);
  });

  it('of any bytes is read or refused', () => {
    const names = fc.constantFrom('pty-req', 'env', 'exec', 'exit-signal', 'x11-req', 'what@ever');
    fc.assert(
      fc.property(names, fc.uint8Array({ maxLength: 60 }), (name, bytes) => {
        const fields = new FieldReader(Buffer.from(bytes), 0);
        refused(() => readChannelRequest(name, fields));
      }),
    );
  });
});

describe('a type of channel', () => {
  it.each(types)('$kind', (type) => {
    const { name, fields } = channelTypeFields(type);
    expect(readChannelType(name, new FieldReader(fields, 0))).toEqual(type);
    const longer = Buffer.concat([fields, Buffer.of(0)]);
    expect(refused(() => readChannelType(name, new FieldReader(longer, 0)))).toBe(true);
    for (let end = 0; end < fields.length; end += 1) {
      const shorter = new FieldReader(fields.subarray(0, end), 0);
      expect(refused(() => readChannelType(name, shorter))).toBe(true);
    }
  });

  it('that nobody knows is named', () => {
    const type = readChannelType('tun@openssh.com', new FieldReader(Buffer.of(1, 2), 0));
    expect(type).toEqual({ kind: 'other', name: 'tun@openssh.com' });
  });
});

describe('a global request', () => {
  const fields = (hex: string) => new FieldReader(Buffer.from(hex, 'hex'), 0);

  it.each([
    [
      'tcpip-forward',
      '0000000130000000 50'.replace(' ', ''),
      { kind: 'listen', address: '0', port: 80 },
    ],
    ['cancel-tcpip-forward', '000000013000000050', { kind: 'unlisten', address: '0', port: 80 }],
    ['streamlocal-forward@openssh.com', '000000022f61', { kind: 'listen-socket', path: '/a' }],
    [
      'cancel-streamlocal-forward@openssh.com',
      '000000022f61',
      { kind: 'unlisten-socket', path: '/a' },
    ],
    ['no-more-sessions@openssh.com', '', { kind: 'no-more-sessions' }],
    ['hostkeys-00@openssh.com', 'ffff', { kind: 'other', name: 'hostkeys-00@openssh.com' }],
  ])('%s', (name, hex, request) => {
    expect(readGlobalRequest(name, fields(hex))).toEqual(request);
    if (request.kind !== 'other') {
      expect(refused(() => readGlobalRequest(name, fields(`${hex}00`)))).toBe(true);
    }
  });
});

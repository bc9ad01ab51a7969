import { describe, expect, it } from '@jest/globals';
import {
  acceptKey,
  encodeClosePayload,
  encodeUpgradeResponse,
  decodeClosePayload,
  readUpgradeHead,
} from '../../../../../hosts/http/wire/websocket/index.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const asked = { key, protocols: ['chat', 'superchat'], headBytesMax: 1024 };
const good = encodeUpgradeResponse({ key, protocol: 'chat' }).toString('latin1');
const read = (head: string, more: Partial<typeof asked> = {}) =>
  readUpgradeHead(Buffer.from(head, 'latin1'), { ...asked, ...more });

describe('the opening handshake', () => {
  it('proves with the value of RFC 6455 §1.3', () => {
    expect(acceptKey(key)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it('is believed when all is right, and tells where the frames begin', () => {
    const head = { kind: 'upgraded', protocol: 'chat', headBytes: good.length };
    expect(read(good)).toEqual(head);
    expect(read(`${good}\x81\x00`)).toEqual(head);
    const plain = encodeUpgradeResponse({ key, protocol: undefined }).toString('latin1');
    expect(read(plain)).toMatchObject({ kind: 'upgraded', protocol: undefined });
    expect(read(good.replace('Upgrade: websocket', 'UPGRADE:WebSocket')).kind).toBe('upgraded');
    expect(read(good.replace('Connection: Upgrade', 'Connection: keep-alive, upgrade')).kind).toBe(
      'upgraded',
    );
  });

  it('is incomplete until its last byte', () => {
    for (let end = 0; end < good.length; end += 1) {
      expect(read(good.slice(0, end))).toEqual({ kind: 'incomplete' });
    }
  });

  const without = (name: string) => good.replace(new RegExp(`${name}: [^\\r]*\\r\\n`), '');
  const plus = (line: string) => good.replace('\r\n\r\n', `\r\n${line}\r\n\r\n`);

  it.each([
    ['no Upgrade', without('Upgrade'), 'upgrade-header'],
    ['another Upgrade', good.replace('websocket', 'h2c'), 'upgrade-header'],
    ['two Upgrades', plus('Upgrade: websocket'), 'upgrade-header'],
    ['a list of upgrades', good.replace('websocket', 'websocket, h2c'), 'upgrade-header'],
    ['no Connection', without('Connection'), 'upgrade-header'],
    ['another Connection', good.replace('n: Upgrade', 'n: close'), 'upgrade-header'],
    ['no accept key', without('Sec-WebSocket-Accept'), 'accept-key'],
    ['a wrong accept key', good.replace('s3pP', 'S3pP'), 'accept-key'],
    ['two accept keys', plus(`Sec-WebSocket-Accept: ${acceptKey(key)}`), 'accept-key'],
    ['an extension', plus('Sec-WebSocket-Extensions: permessage-deflate'), 'extension-unasked'],
    ['an empty extension', plus('Sec-WebSocket-Extensions:'), 'extension-unasked'],
    ['another protocol', good.replace('chat', 'chit'), 'protocol-unasked'],
    ['a protocol in another case', good.replace('chat', 'Chat'), 'protocol-unasked'],
    ['two protocols', plus('Sec-WebSocket-Protocol: superchat'), 'protocol-unasked'],
    ['a length', plus('Content-Length: 5'), 'framing-unexpected'],
    ['a transfer coding', plus('Transfer-Encoding: chunked'), 'framing-unexpected'],
    ['a folded line', plus(' folded'), 'head-malformed'],
    ['a space before the colon', plus('X-A : b'), 'head-malformed'],
    ['a bare line feed', plus('X-A: b\nX-B: c'), 'head-malformed'],
    ['a bare carriage return', plus('X-A: b\rX-B: c'), 'head-malformed'],
    ['a NUL', plus('X-A: \0'), 'head-malformed'],
    ['a name that is no token', plus('X(A): b'), 'head-malformed'],
    ['no name', plus(': b'), 'head-malformed'],
    ['HTTP/1.0', good.replace('1.1', '1.0'), 'head-malformed'],
    ['HTTP/1.10', good.replace('1.1', '1.10'), 'head-malformed'],
    ['a lower-case version', good.replace('HTTP', 'http'), 'head-malformed'],
    ['status 1010', good.replace('101', '1010'), 'head-malformed'],
    ['status 600', good.replace('101', '600'), 'head-malformed'],
    ['100 Continue', good.replace('101', '100'), 'status-unexpected'],
    ['103 Early Hints', good.replace('101', '103'), 'status-unexpected'],
    ['too many fields', plus(Array(200).fill('a:').join('\r\n')), 'head-malformed'],
    ['a head over the limit', plus(`X-A: ${'b'.repeat(1024)}`), 'head-too-large'],
    ['an endless head', 'x'.repeat(1024), 'head-too-large'],
  ])('is not believed with %s', (_, head, rule) => {
    expect(read(head)).toEqual({ kind: 'broken', rule });
  });

  it('was not asked for a protocol, so has none', () => {
    expect(read(good, { protocols: [] })).toEqual({ kind: 'broken', rule: 'protocol-unasked' });
  });

  it.each([200, 301, 401, 403, 404, 426, 500, 503])('is declined with %d', (status) => {
    expect(read(`HTTP/1.1 ${status} x\r\nServer: y\r\n\r\nbody`)).toEqual({
      kind: 'declined',
      status,
    });
  });
});

describe('the payload of a close frame', () => {
  it('comes back as it was', () => {
    for (const close of [
      { code: 1000, reason: '' },
      { code: 4001, reason: 'zu spät' },
      { code: undefined, reason: '' },
    ]) {
      expect(decodeClosePayload(encodeClosePayload(close))).toEqual(close);
    }
  });

  it('is cut between two characters when the reason is too long', () => {
    const payload = encodeClosePayload({ code: 1008, reason: `${'x'.repeat(121)}€€` });
    expect(payload.length).toBe(123);
    expect(decodeClosePayload(payload).reason).toBe('x'.repeat(121));
    const fits = encodeClosePayload({ code: 1008, reason: `${'x'.repeat(120)}€` });
    expect(decodeClosePayload(fits).reason).toBe(`${'x'.repeat(120)}€`);
  });
});

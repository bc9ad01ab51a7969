import { describe, expect, it } from '@jest/globals';

import type {
  CanonicalRequest,
  RawRequest,
  RequestRule,
} from '../../../../hosts/http/wire/index.ts';
import { canonicalise, requestRules } from '../../../../hosts/http/wire/index.ts';

const raw = (changes: Partial<RawRequest> = {}, ...headers: readonly string[]): RawRequest => ({
  version: '1.1',
  method: 'GET',
  target: '/',
  scheme: 'https',
  rawHeaders: ['Host', 'app.test', ...headers],
  ...changes,
});

const request = (given: RawRequest): CanonicalRequest => {
  const result = canonicalise(given);
  if (result.kind === 'refused') throw new Error(`refused: ${result.rule}`);
  return result.request;
};

const ruleOf = (given: RawRequest): RequestRule | 'none' => {
  const result = canonicalise(given);
  return result.kind === 'refused' ? result.rule : 'none';
};

const post = (...headers: readonly string[]) => raw({ method: 'POST' }, ...headers);
const named = (...rawHeaders: readonly string[]) => raw({ rawHeaders });
const http2 = (changes: Partial<RawRequest> = {}, ...rawHeaders: readonly string[]) =>
  raw({ version: '2', authority: 'app.test', namedScheme: 'https', rawHeaders, ...changes });
const socket = (changes: Partial<RawRequest> = {}, replaced: Record<string, string> = {}) => {
  const fields = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...replaced,
  };
  return raw(changes, ...Object.entries(fields).flat());
};

describe('a canonical request', () => {
  it('is what a plain request says', () => {
    const given = raw({ target: '/a/b%20c?q=1+2&r' }, 'Accept', '*/*', 'X-Trace', '7');
    expect(canonicalise(given)).toEqual({
      kind: 'request',
      request: {
        method: 'GET',
        scheme: 'https',
        authority: 'app.test',
        host: 'app.test',
        path: '/a/b%20c',
        query: 'q=1+2&r',
        segments: ['a', 'b c'],
        pairs: [
          { name: 'q', value: '1 2' },
          { name: 'r', value: '' },
        ],
        fields: [
          ['accept', '*/*'],
          ['x-trace', '7'],
        ],
        framing: { kind: 'none' },
        expectsContinue: false,
        upgrade: undefined,
      },
    });
  });

  it.each([
    ['APP.test', 'https', 'app.test', 'app.test'],
    ['app.test:443', 'https', 'app.test', 'app.test'],
    ['app.test:443', 'http', 'app.test:443', 'app.test'],
    ['app.test:80', 'http', 'app.test', 'app.test'],
    ['app.test:8443', 'https', 'app.test:8443', 'app.test'],
    ['[::1]:8443', 'https', '[::1]:8443', '[::1]'],
    ['10.0.0.7', 'https', '10.0.0.7', '10.0.0.7'],
    ['my_app', 'https', 'my_app', 'my_app'],
  ] as const)('calls %s over %s %s', (host, scheme, authority, name) => {
    const given = raw({ scheme, rawHeaders: ['Host', host] });
    expect(request(given)).toMatchObject({ authority, host: name });
  });

  it('takes an absolute-form that names the same authority for its path', () => {
    const target = 'HTTPS://App.test:443/a?b';
    expect(request(raw({ target }))).toMatchObject({
      path: '/a',
      query: 'b',
      authority: 'app.test',
    });
  });

  it('keeps nothing of the connection, of framing, or of what callers claim to have been forwarded', () => {
    const given = post(
      ...['Connection', 'close, X-Hop', 'X-Hop', '1', 'Keep-Alive', 'timeout=5', 'TE', 'trailers'],
      ...['Content-Length', '3', 'Expect', '100-Continue', 'Proxy-Authorization', 'Basic eA=='],
      ...[
        'Forwarded',
        'for=1',
        'X-Forwarded-For',
        '1',
        'x-forwarded-proto',
        'http',
        'Via',
        '1.1 x',
      ],
      ...['X-Real-IP', '1', 'Sallyport-Assertion', 'e', 'X-SALLYPORT-User', 'root'],
      ...['X-SSL-Client-Verify', 'SUCCESS', 'Accept', 'a', 'accept', 'b'],
    );
    expect(request(given)).toMatchObject({
      fields: [
        ['accept', 'a'],
        ['accept', 'b'],
      ],
      framing: { kind: 'length', bytes: 3 },
      expectsContinue: true,
    });
  });

  it.each([
    [post('Transfer-Encoding', 'chunked'), { kind: 'chunked' }],
    [post('Content-Length', '0'), { kind: 'length', bytes: 0 }],
    [post('Content-Length', '9007199254740991'), { kind: 'length', bytes: 9007199254740991 }],
    [post(), { kind: 'none' }],
    [http2(), { kind: 'chunked' }],
    [http2({ endsWithHead: true }), { kind: 'none' }],
    [http2({}, 'content-length', '7'), { kind: 'length', bytes: 7 }],
  ])('says where the body ends (%#)', (given, framing) => {
    expect(request(given).framing).toEqual(framing);
  });

  it.each([
    'application/json',
    'application/json;',
    'text/html; charset="utf-8" ; x=y',
    'multipart/form-data; boundary=----=_Part_1/2:3',
    'application/vnd.api+json;ext="a,b;c"',
  ])('keeps the type %s', (type) => {
    expect(request(post('Content-Type', type)).fields).toEqual([['content-type', type]]);
  });

  it('joins the crumbs of a cookie that came with HTTP/2', () => {
    const given = http2({}, 'cookie', 'a=1', 'accept', '*/*', 'cookie', 'b=2');
    expect(request(given).fields).toEqual([
      ['accept', '*/*'],
      ['cookie', 'a=1; b=2'],
    ]);
  });

  it('tells gRPC servers that the caller understands trailers', () => {
    const type = ['content-type', 'application/grpc+proto', 'te', 'trailers'];
    expect(request(http2({ method: 'POST' }, ...type)).fields).toContainEqual(['te', 'trailers']);
    expect(request(http2({}, 'te', 'trailers')).fields).toEqual([]);
  });

  it('keeps what is needed of an opening handshake, and no extensions', () => {
    const given = socket(
      {},
      {
        'Sec-WebSocket-Protocol': 'chat, log',
        'Sec-WebSocket-Extensions': 'x',
        Origin: 'https://a',
      },
    );
    expect(request(given)).toMatchObject({
      upgrade: {
        kind: 'websocket',
        key: 'dGhlIHNhbXBsZSBub25jZQ==',
        protocols: ['chat', 'log'],
      },
      fields: [['origin', 'https://a']],
    });
    expect(request(socket({}, { Connection: 'keep-alive, Upgrade' })).upgrade).toBeDefined();
  });
});

describe('a request is refused', () => {
  it.each<readonly [RequestRule, string, RawRequest]>([
    ['http-version', 'HTTP/0.9', raw({ version: '0.9' })],
    ['http-version', 'HTTP/2.0 in an HTTP/1.1 message', raw({ version: '2.0' })],
    ['http-version', 'HTTP/1.2', raw({ version: '1.2' })],
    ['method', 'CONNECT', raw({ method: 'CONNECT', target: 'app.test:443' })],
    ['method', 'TRACE', raw({ method: 'TRACE' })],
    ['method', 'TRACK', raw({ method: 'TRACK' })],
    ['method', 'lower case', raw({ method: 'get' })],
    ['method', 'a space', raw({ method: 'GET /x HTTP/1.1\r\nX:' })],
    ['method', 'nothing', raw({ method: '' })],
    ['target-form', 'asterisk', raw({ method: 'OPTIONS', target: '*' })],
    ['target-form', 'authority', raw({ target: 'app.test:443' })],
    ['target-form', 'relative', raw({ target: 'a/b' })],
    ['target-form', 'empty', raw({ target: '' })],
    ['target-scheme', 'another scheme', raw({ target: 'http://app.test/' })],
    ['target-scheme', 'another :scheme', http2({ namedScheme: 'http' })],
    ['target-form', 'a scheme that is no HTTP', raw({ target: 'file://app.test/' })],
    ['target-form', 'a URL without a path', raw({ target: 'https://app.test' })],
    ['target-form', 'a URL in :path', http2({ target: 'https://app.test/' })],
    ['target-length', '8193 bytes', raw({ target: `/${'a'.repeat(8192)}` })],
    ['target-fragment', 'a fragment', raw({ target: '/a#b' })],
    ['authority-mismatch', 'a URL of another host', raw({ target: 'https://other.test/' })],
    ['authority-mismatch', 'a URL of another port', raw({ target: 'https://app.test:444/' })],
    ['authority-mismatch', 'Host against :authority', http2({}, 'host', 'other.test')],
    ['host-syntax', 'userinfo in a URL', raw({ target: 'https://u@app.test/' })],
    ['host-missing', 'no Host', named()],
    ['host-missing', 'no Host in HTTP/1.0', raw({ version: '1.0', rawHeaders: [] })],
    ['host-missing', 'a URL without Host', raw({ target: 'https://app.test/', rawHeaders: [] })],
    ['host-missing', 'HTTP/2 without any', http2({ authority: undefined })],
    ['host-duplicate', 'two, the same', named('Host', 'app.test', 'host', 'app.test')],
    ...[
      ...['', 'app.test, b', 'app.test b', 'u@app.test', 'app.test:', 'app.test:0', 'app.test:080'],
      ...['app.test:65536', 'app.test:8x', 'app.test:+80', 'app.test.', '.app.test', 'app..test'],
      ...['-app.test', 'app%2etest', 'app.test/', 'app.test?', '[::1', '[::1]x', '[0:0::1]', '::1'],
      ...['[::1%25eth0]', '[1.2.3.4]', 'app.test:80:80', 'app\\.test', '___', 'a'.repeat(300)],
    ].map((host) => ['host-syntax', `Host: ${host}`, named('Host', host)] as const),
    ['framing-both', 'lengths', post('Content-Length', '3', 'Transfer-Encoding', 'chunked')],
    ...[
      '',
      '+5',
      '-1',
      '5,5',
      '5 5',
      '0x5',
      '05',
      '5.0',
      '1e3',
      '9007199254740992',
      '1'.repeat(30),
    ].map(
      (length) =>
        ['framing-length', `Content-Length: ${length}`, post('Content-Length', length)] as const,
    ),
    ['framing-length', 'two that agree', post('Content-Length', '3', 'Content-Length', '3')],
    [
      'framing-length',
      'a body that is not there',
      http2({ endsWithHead: true }, 'content-length', '1'),
    ],
    ...[
      '',
      'identity',
      'gzip',
      'gzip, chunked',
      'chunked, chunked',
      'Chunked',
      'xchunked',
      'chunked;a',
    ].map(
      (coding) => ['framing-transfer-encoding', coding, post('Transfer-Encoding', coding)] as const,
    ),
    [
      'framing-transfer-encoding',
      'twice',
      post('Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'),
    ],
    ['framing-on-1.0', 'chunks', raw({ version: '1.0' }, 'Transfer-Encoding', 'chunked')],
    ['header-count', '129 fields', raw({}, ...Array<string[]>(128).fill(['a', 'b']).flat())],
    ...[
      '',
      'a b',
      'host ',
      ' host',
      'a:b',
      'a\r\nb',
      'a(b',
      'x.user',
      'x!user',
      '-a',
      'a-',
      'ä',
      '\0',
    ].map((name) => ['header-name', JSON.stringify(name), raw({}, name, 'x')] as const),
    ['header-name', 'capitals in HTTP/2', http2({}, 'Accept', 'x')],
    ['header-underscore', 'Content_Length', raw({}, 'Content_Length', '3')],
    ...[
      'a\r\nb: c',
      'a\nb',
      'a\rb',
      'a\0',
      '\x01',
      '\x7f',
      '\x0b',
      ' a',
      'a ',
      '\ta',
      'a\t',
      'é',
      '\x80',
    ].map((value) => ['header-value', JSON.stringify(value), raw({}, 'x', value)] as const),
    ...['Authorization', 'Content-Type', 'Cookie', 'Range', 'Origin', 'User-Agent', 'If-Range'].map(
      (name) =>
        ['header-duplicate', name, raw({}, name, 'a/b', name.toLowerCase(), 'a/b')] as const,
    ),
    ['header-duplicate', 'Expect', post('Expect', '100-continue', 'Expect', '100-continue')],
    ...[
      'X-HTTP-Method-Override',
      'X-HTTP-Method',
      'X-Method-Override',
      'X-Original-URL',
      'X-Rewrite-URL',
    ].map((name) => ['header-override', name, raw({}, name, 'DELETE')] as const),
    ...['Host', 'authorization', 'close, Content-Length', 'TRANSFER-ENCODING', 'cookie'].map(
      (named) => ['connection-header', named, raw({}, 'Connection', named)] as const,
    ),
    ...['connection', 'keep-alive', 'proxy-connection', 'upgrade'].map(
      (name) => ['connection-header', `${name} in HTTP/2`, http2({}, name, 'close')] as const,
    ),
    [
      'framing-transfer-encoding',
      'other codings in HTTP/2',
      http2({}, 'transfer-encoding', 'gzip'),
    ],
    ['connection-header', 'chunks in HTTP/2', http2({}, 'transfer-encoding', 'chunked')],
    ...[
      'text',
      'text/html, application/json',
      'text/',
      '/json',
      'text/html json',
      'a/b;c=d, e/f',
      'a/b;c="d',
      'a/b c=d',
    ].map((type) => ['content-type', type, post('Content-Type', type)] as const),
    ['expectation', 'another', post('Content-Length', '3', 'Expect', '200-ok')],
    ['expectation', 'two', post('Content-Length', '3', 'Expect', '100-continue, x')],
    ['expectation', 'no body', raw({}, 'Expect', '100-continue')],
    [
      'expectation',
      'HTTP/1.0',
      raw({ version: '1.0', method: 'POST' }, 'Content-Length', '3', 'Expect', '100-continue'),
    ],
    ['te', 'codings in HTTP/2', http2({}, 'te', 'trailers, gzip')],
    ['trailer', 'Trailer', post('Transfer-Encoding', 'chunked', 'Trailer', 'X-Sum')],
    ['upgrade', 'h2c', socket({}, { Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABk' })],
    ['upgrade', 'websocket or h2c', socket({}, { Upgrade: 'websocket, h2c' })],
    ['upgrade', 'TLS', socket({}, { Upgrade: 'TLS/1.2' })],
    ['upgrade', 'Connection that does not say so', socket({}, { Connection: 'keep-alive' })],
    ['upgrade', 'POST', socket({ method: 'POST' })],
    ['upgrade', 'HTTP/1.0', socket({ version: '1.0' })],
    ['upgrade', 'a body', socket({}, { 'Content-Length': '3' })],
    ['header-duplicate', 'two upgrades', socket({}, { upgrade: 'h2c' })],
    ['websocket-handshake', 'version 8', socket({}, { 'Sec-WebSocket-Version': '8' })],
    ['websocket-handshake', 'a short key', socket({}, { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZQ==' })],
    [
      'websocket-handshake',
      'a key with bits that are lost',
      socket({}, { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZR==' }),
    ],
    [
      'websocket-handshake',
      'a protocol twice',
      socket({}, { 'Sec-WebSocket-Protocol': 'chat, chat' }),
    ],
    [
      'websocket-handshake',
      'a protocol that is no token',
      socket({}, { 'Sec-WebSocket-Protocol': 'chat room' }),
    ],
    ['websocket-handshake', 'no upgrade', raw({}, 'Sec-WebSocket-Key', 'x')],
  ])('%s: %s', (rule, _, given) => {
    expect(ruleOf(given)).toBe(rule);
  });

  it('with words that hold nothing of what was sent', () => {
    const result = canonicalise(raw({}, 'X-Key', 'secret\x01'));
    expect(result).toEqual({
      kind: 'refused',
      rule: 'header-value',
      message: `x-key: ${requestRules['header-value']}`,
    });
  });
});

// Requests over HTTP/2 that would be two, or others, once they are written as HTTP/1.1 (RFC 9113 §8.2, §8.3, §10.3).

import type { Field } from './http2-frames.ts';
import {
  encodeFields,
  encodeFrame,
  flag,
  frameType,
  preface,
  settingsFrame,
} from './http2-frames.ts';
import type { Addressee, Payload } from './payload.ts';
import { smuggled } from './payload.ts';

interface Case {
  readonly name: string;
  /** Instead of, or besides, the pseudo headers; undefined leaves one out. */
  readonly pseudo?: Readonly<Record<string, string | undefined>>;
  readonly fields?: readonly Field[];
  readonly body?: string;
  readonly rule?: string;
}

function request({ pseudo = {}, fields = [], body }: Case, to: Addressee): Buffer {
  const all: Readonly<Record<string, string | undefined>> = {
    ':method': 'GET',
    ':scheme': 'https',
    ':authority': to.host,
    ':path': '/h2',
    ...pseudo,
  };
  const first = Object.entries(all).flatMap(([name, value]): Field[] =>
    value === undefined ? [] : [[name, value]],
  );
  const credentials = to.credentials.map((line): Field => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const ends = body === undefined ? flag.endStream : 0;
  const block = encodeFields([...first, ...credentials, ...fields]);
  const headers = {
    type: frameType.headers,
    flags: flag.endHeaders | ends,
    stream: 1,
    payload: block,
  };
  const data =
    body === undefined
      ? []
      : [
          {
            type: frameType.data,
            flags: flag.endStream,
            stream: 1,
            payload: Buffer.from(body, 'latin1'),
          },
        ];
  return Buffer.concat([preface, settingsFrame(), ...[headers, ...data].map(encodeFrame)]);
}

const hostile: readonly Case[] = [
  { name: 'capitals in a name', fields: [['X-Admin', '1']] },
  { name: 'underscore in a name', fields: [['x_admin', '1']], rule: 'header-underscore' },
  { name: 'transfer-encoding', fields: [['transfer-encoding', 'chunked']], body: smuggled },
  { name: 'connection', fields: [['connection', 'close']] },
  { name: 'upgrade', fields: [['upgrade', 'h2c']] },
  { name: 'proxy-connection', fields: [['proxy-connection', 'keep-alive']] },
  { name: 'te of codings', fields: [['te', 'gzip']] },
  { name: 'host of another', fields: [['host', 'evil.test']], rule: 'authority-mismatch' },
  {
    name: 'two hosts',
    fields: [
      ['host', 'app.localhost'],
      ['host', 'app.localhost'],
    ],
  },
  { name: 'length shorter than the body', fields: [['content-length', '0']], body: smuggled },
  { name: 'length longer than the body', fields: [['content-length', '500']], body: 'hello' },
  { name: 'length without a body', fields: [['content-length', '5']] },
  {
    name: 'two lengths',
    fields: [
      ['content-length', '5'],
      ['content-length', '5'],
    ],
    body: 'hello',
  },
  { name: 'length with sign', fields: [['content-length', '+5']], body: 'hello' },
  { name: 'length with zero', fields: [['content-length', '05']], body: 'hello' },
  { name: 'path with a line end', pseudo: { ':path': '/ HTTP/1.1\r\nx: y' } },
  { name: 'path with a space', pseudo: { ':path': '/a b' } },
  { name: 'path that is a URL', pseudo: { ':path': 'https://evil.test/' } },
  { name: 'path that is an asterisk', pseudo: { ':path': '*', ':method': 'OPTIONS' } },
  { name: 'path that is empty', pseudo: { ':path': '' } },
  { name: 'path with dot-dot', pseudo: { ':path': '/public/../admin' }, rule: 'path-dot-segments' },
  { name: 'path with two slashes', pseudo: { ':path': '//evil.test/' }, rule: 'path-double-slash' },
  { name: 'path with a fragment', pseudo: { ':path': '/a#b' } },
  { name: 'no path', pseudo: { ':path': undefined } },
  { name: 'method with a space', pseudo: { ':method': 'GET /admin HTTP/1.1\r\nx:' } },
  { name: 'method in lower case', pseudo: { ':method': 'get' }, rule: 'method' },
  { name: 'CONNECT', pseudo: { ':method': 'CONNECT', ':scheme': undefined, ':path': undefined } },
  { name: 'CONNECT of a protocol', pseudo: { ':method': 'CONNECT', ':protocol': 'websocket' } },
  { name: 'TRACE', pseudo: { ':method': 'TRACE' }, rule: 'method' },
  { name: 'scheme of another kind', pseudo: { ':scheme': 'http' } },
  { name: 'scheme with a line end', pseudo: { ':scheme': 'https\r\nx: y' } },
  { name: 'authority with userinfo', pseudo: { ':authority': 'ada@app.localhost' } },
  { name: 'authority with a path', pseudo: { ':authority': 'app.localhost/admin' } },
  { name: 'no authority', pseudo: { ':authority': undefined } },
  { name: 'unknown pseudo header', pseudo: { ':admin': '1' } },
  {
    name: 'pseudo header behind others',
    fields: [
      ['x', 'y'],
      [':path', '/admin'],
    ],
  },
  { name: 'pseudo header twice', fields: [[':path', '/admin']] },
  { name: 'status in a request', pseudo: { ':status': '200' } },
];

const harmless: readonly Case[] = [
  { name: 'GET' },
  {
    name: 'POST with a length',
    pseudo: { ':method': 'POST' },
    fields: [['content-length', '5']],
    body: 'hello',
  },
  { name: 'POST without a length', pseudo: { ':method': 'POST' }, body: 'hello' },
  { name: 'GET with an empty body', body: '' },
  { name: 'host that agrees', fields: [['host', 'app.localhost']] },
  {
    name: 'crumbs of a cookie',
    fields: [
      ['cookie', 'a=1'],
      ['cookie', 'b=2'],
    ],
  },
  { name: 'te trailers', fields: [['te', 'trailers']] },
];

/** nghttp2 leaves such a field out, before anybody judges the request. */
const dropped: readonly Case[] = [
  { name: 'line end in a value', fields: [['x', 'a\r\ntransfer-encoding: chunked']] },
  { name: 'line feed in a value', fields: [['x', 'a\nb: c']] },
  { name: 'NUL in a value', fields: [['x', 'a\0b']] },
  { name: 'space in front of a value', fields: [['x', ' a']] },
  { name: 'line end in a name', fields: [['x: a\r\ny', 'b']] },
  { name: 'space in a name', fields: [['x admin', '1']] },
  { name: 'colon in a name', fields: [['x:y', '1']] },
];

const payload =
  (expect: Payload['expect']) =>
  (given: Case): Payload => ({
    class: expect === 'same' ? 'http2 benign' : 'http2',
    name: given.name,
    expect,
    rule: given.rule,
    isHttp2: true,
    bytes: (to) => request(given, to),
  });

export const http2Payloads: readonly Payload[] = [
  ...hostile.map(payload('refused')),
  ...dropped.map((given) => ({
    ...payload('same')(given),
    class: 'http2',
    comesTo: (to: Addressee) => request({ ...given, fields: [] }, to),
  })),
  ...harmless.map(payload('same')),
];

// What ordinary clients send: all of it must be served, and reach the target as it was judged.

import type { Message, Payload } from './payload.ts';
import { chunked, same } from './payload.ts';

const targets: readonly (readonly [name: string, target: string])[] = [
  ['root', '/'],
  ['one segment', '/users'],
  ['slash at the end', '/users/'],
  ['file', '/static/app.3f2a.min.js'],
  ['well-known', '/.well-known/openid-configuration'],
  ['three dots', '/a/.../b'],
  ['scope of npm', '/@types/node'],
  ['encoded at', '/%40types/node'],
  ['encoded space', '/my%20file.txt'],
  ['encoded UTF-8', '/caf%C3%A9/%E6%97%A5%E6%9C%AC'],
  ['encoded emoji', '/%F0%9F%94%92'],
  ['encoded percent', '/100%25'],
  ['sub-delimiters', "/a!$&'()*+,=:@b"],
  ['custom verb', '/v1/projects/7:cancel'],
  ['tilde', '/~ada/'],
  ['OData', '/Products(1)/Name?$filter=Price%20gt%2020'],
  ['query', '/search?q=a+b&lang=de'],
  ['empty query', '/search?'],
  ['flag', '/search?debug'],
  ['names that come twice', '/search?tag=a&tag=b'],
  ['brackets in a query', '/list?filter[name]=ada&page[size]=10'],
  ['JSON in a query', '/list?where=%7B%22a%22%3A1%7D'],
  ['URL in a query', '/login?next=https%3A%2F%2Fa.test%2Fb%3Fc%3Dd'],
  ['line ends in a query', '/graphql?query=%7B%0A%20%20me%20%7B%20id%20%7D%0A%7D'],
  ['long query', `/search?q=${'a'.repeat(4000)}`],
  ['Git', '/ada/repo.git/info/refs?service=git-upload-pack'],
];

const lines: readonly (readonly [name: string, lines: readonly string[]])[] = [
  [
    'headers of a browser',
    [
      'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'Accept-Language: en-US,en;q=0.5',
      'Accept-Encoding: gzip, deflate, br, zstd',
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'Upgrade-Insecure-Requests: 1',
      'Sec-Fetch-Dest: document',
      'Sec-CH-UA: "Chromium";v="140", "Not=A?Brand";v="24"',
      'Cookie: a=1; b="2"; c=',
      'Connection: keep-alive',
    ],
  ],
  ['headers of curl', ['User-Agent: curl/8.14.1', 'Accept: */*']],
  ['range', ['Range: bytes=0-99']],
  ['validators', ['If-None-Match: "a", W/"b"', 'If-Modified-Since: Tue, 01 Sep 2026 00:00:00 GMT']],
  ['field in two lines', ['Accept: text/html', 'Accept: application/json']],
  ['empty value', ['X-Empty:']],
  ['tab in a value', ['X-Tabs: a\tb']],
  ['spaces around a value', ['X-Spaces:   a b   ']],
  ['names in odd cases', ['x-LOWER-and-UPPER: 1']],
  [
    'trace context',
    ['Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'Tracestate: a=b'],
  ],
  ['TE of a Perl client', ['TE: deflate,gzip;q=0.3', 'Connection: TE']],
  ['100 fields', Array.from({ length: 100 }, (_, at) => `X-Field-${at}: ${at}`)],
];

const post = (name: string, first: string, given: Pick<Message, 'lines' | 'body'>): Payload =>
  same('benign', name, { first, ...given });

const json = 'Content-Type: application/json';
const large = 'a'.repeat(100_000);

export const benignPayloads: readonly Payload[] = [
  ...targets.map(([name, target]) => same('benign', name, { first: `GET ${target} HTTP/1.1` })),
  ...lines.map(([name, given]) =>
    same('benign', name, { first: 'GET /plain HTTP/1.1', lines: given }),
  ),
  ...['HEAD', 'OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH', 'PROPFIND'].map((method) =>
    same('benign', `${method} without a body`, { first: `${method} /plain HTTP/1.1` }),
  ),
  same('benign', 'absolute-form', { first: 'GET https://app.localhost/plain?x HTTP/1.1' }),
  same('benign', 'Host in capitals', { first: 'GET / HTTP/1.1', hosts: ['Host: APP.localhost'] }),
  same('benign', 'Host with the default port', {
    first: 'GET / HTTP/1.1',
    hosts: ['Host: app.localhost:443'],
  }),
  same('benign', 'HTTP/1.0', { first: 'GET /plain HTTP/1.0' }),
  same('benign', 'a name of another protocol, which is written anew', {
    first: 'GET /plain RTSP/1.0',
  }),
  post('JSON', 'POST /api HTTP/1.1', { lines: [json, 'Content-Length: 7'], body: '{"a":1}' }),
  post('length 0', 'POST /api HTTP/1.1', { lines: ['Content-Length: 0'] }),
  post('form', 'POST /form HTTP/1.1', {
    lines: ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 7'],
    body: 'a=1&b=2',
  }),
  post('DELETE with a body', 'DELETE /api HTTP/1.1', {
    lines: [json, 'Content-Length: 2'],
    body: '{}',
  }),
  post('GET with a body', 'GET /api HTTP/1.1', { lines: [json, 'Content-Length: 2'], body: '{}' }),
  post('OPTIONS in chunks', 'OPTIONS /api HTTP/1.1', {
    lines: ['Transfer-Encoding: chunked'],
    body: chunked('hello'),
  }),
  post('DELETE in chunks', 'DELETE /api HTTP/1.1', {
    lines: ['Transfer-Encoding: chunked'],
    body: chunked('hello', ' world'),
  }),
  post('chunks', 'PUT /api HTTP/1.1', {
    lines: [json, 'Transfer-Encoding: chunked'],
    body: chunked('{"a"', ':1}'),
  }),
  post('chunks with extensions and zeros', 'POST /api HTTP/1.1', {
    lines: ['Transfer-Encoding: chunked'],
    body: '0005;a="b"\r\nhello\r\n0;c\r\n\r\n',
  }),
  post('no chunks but the last', 'POST /api HTTP/1.1', {
    lines: ['Transfer-Encoding: chunked'],
    body: chunked(),
  }),
  post('body that looks like a request', 'POST /api HTTP/1.1', {
    lines: ['Content-Length: 43'],
    body: 'GET /smuggled HTTP/1.1\r\nHost: app.localhost',
  }),
  post('100-continue', 'POST /api HTTP/1.1', {
    lines: ['Expect: 100-continue', 'Content-Length: 5'],
    body: 'hello',
  }),
  post('100 kB', 'PUT /large HTTP/1.1', {
    lines: [`Content-Length: ${large.length}`],
    body: large,
  }),
];

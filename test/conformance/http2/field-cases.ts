// Fields of a request, and the way they are compressed (RFC 9113 §8.2, §8.3, §8.5, §10.5; RFC 7541).

import type { Field } from '../../adversarial/http/http2-frames.ts';
import { encodeFields, flag, frameType } from '../../adversarial/http/http2-frames.ts';
import type { Good, Http2Case, Outcome } from './case.ts';
import { frame, headers, replaced } from './case.ts';

const malformed: Outcome = 'stream error PROTOCOL_ERROR';

/** A request whose fields are made of those of a good one. */
const fieldCase = (
  section: string,
  name: string,
  expect: Outcome,
  change: (fields: readonly Field[]) => readonly Field[],
): Http2Case => ({
  section,
  name,
  expect,
  frames: ({ fields }) => [headers(encodeFields(change(fields)))],
});

const added = (section: string, name: string, expect: Outcome, ...more: readonly Field[]) =>
  fieldCase(section, name, expect, (fields) => [...fields, ...more]);

const pseudoCase = (name: string, expect: Outcome, pseudo: string, value: string | undefined) =>
  fieldCase('8.3.1', name, expect, (fields) => replaced(fields, pseudo, value));

const fieldCases: readonly Http2Case[] = [
  added('8.2.1', 'a name in capitals', malformed, ['X-Admin', '1']),
  added('8.2.2', 'Connection', malformed, ['connection', 'keep-alive']),
  added('8.2.2', 'Keep-Alive', malformed, ['keep-alive', 'timeout=5']),
  added('8.2.2', 'Proxy-Connection', malformed, ['proxy-connection', 'keep-alive']),
  added('8.2.2', 'Transfer-Encoding', malformed, ['transfer-encoding', 'chunked']),
  added('8.2.2', 'Upgrade', malformed, ['upgrade', 'h2c']),
  added('8.2.2', 'TE of another coding than trailers', malformed, ['te', 'trailers, gzip']),
  added('8.2.2', 'TE of trailers', 'served', ['te', 'trailers']),
  added('8.2.3', 'a cookie in crumbs', 'served', ['cookie', 'a=1'], ['cookie', 'b=2']),
  added('8.3', 'a pseudo header that nobody knows', malformed, [':admin', '1']),
  added('8.3', 'a pseudo header behind others', malformed, ['x', 'y'], [':path', '/admin']),
  added('8.3', 'a pseudo header of answers', malformed, [':status', '200']),
  fieldCase('8.3.1', 'a path twice', malformed, (fields) => [[':path', '/admin'], ...fields]),
  fieldCase('8.3.1', 'a method twice', malformed, (fields) => [[':method', 'PUT'], ...fields]),
  fieldCase('8.3.1', 'a scheme twice', malformed, (fields) => [[':scheme', 'https'], ...fields]),
  fieldCase('8.3.1', 'an authority twice', malformed, (fields) => [
    [':authority', 'app.localhost'],
    ...fields,
  ]),
  pseudoCase('no method', malformed, ':method', undefined),
  pseudoCase('no scheme', malformed, ':scheme', undefined),
  pseudoCase('no path', malformed, ':path', undefined),
  pseudoCase('an empty path', malformed, ':path', ''),
  pseudoCase('a path that is no path', malformed, ':path', 'admin'),
  pseudoCase(
    'another scheme than the connection has',
    'refused 400 target-scheme',
    ':scheme',
    'ftp',
  ),
  pseudoCase('no authority', malformed, ':authority', undefined),
  fieldCase('8.3.1', 'Host in place of the authority', 'served', (fields) => [
    ...replaced(fields, ':authority', undefined),
    ['host', 'app.localhost'],
  ]),
  added('8.3.1', 'Host beside another authority', 'refused 400 authority-mismatch', [
    'host',
    'evil.test',
  ]),
  fieldCase('8.5', 'CONNECT with a path', malformed, (fields) =>
    replaced(fields, ':method', 'CONNECT'),
  ),
  fieldCase('8.5', 'CONNECT', 'refused 400 method', (fields) =>
    replaced(
      replaced(replaced(fields, ':method', 'CONNECT'), ':path', undefined),
      ':scheme',
      undefined,
    ),
  ),
  fieldCase('RFC 8441 §4', 'CONNECT of a protocol that was not offered', malformed, (fields) => [
    [':protocol', 'websocket'],
    ...replaced(fields, ':method', 'CONNECT'),
  ]),
  {
    section: '10.5.1',
    name: 'more fields than the gateway takes',
    expect: 'stream error ENHANCE_YOUR_CALM',
    frames: ({ fields }) => [
      headers(
        encodeFields([...fields, ...Array.from({ length: 300 }, (_, n): Field => [`x${n}`, 'v'])]),
      ),
    ],
  },
  {
    section: '10.5.1',
    name: 'a header list above SETTINGS_MAX_HEADER_LIST_SIZE',
    expect: 'refused 431 head-too-large',
    frames: ({ fields }) => {
      const block = encodeFields([
        ...fields,
        ...Array.from({ length: 4 }, (_, n): Field => [`x${n}`, 'a'.repeat(12_000)]),
      ]);
      const pieces = Array.from({ length: Math.ceil(block.length / 16_000) }, (_, index) =>
        block.subarray(index * 16_000, (index + 1) * 16_000),
      );
      return pieces.map((piece, index) =>
        frame(index === 0 ? frameType.headers : frameType.continuation, piece, {
          flags:
            (index === 0 ? flag.endStream : 0) |
            (index === pieces.length - 1 ? flag.endHeaders : 0),
        }),
      );
    },
  },
];

const compression: Outcome = 'connection error COMPRESSION_ERROR';

/** A good request with these bytes of HPACK around its block. */
const hpack = (
  section: string,
  name: string,
  expect: Outcome,
  bytes: { readonly before?: readonly number[]; readonly after?: readonly number[] },
): Http2Case => ({
  section: `RFC 7541 §${section}`,
  name,
  expect,
  frames: ({ get }) => [
    headers(
      Buffer.concat([Buffer.from(bytes.before ?? []), get.payload, Buffer.from(bytes.after ?? [])]),
    ),
  ],
});

/** `x` as a name, and a value in Huffman's code. */
const huffman = (...value: readonly number[]): readonly number[] => [
  ...[0x00, 1, 0x78, 0x80 | value.length],
  ...value,
];

/** The block of a second request that names a field of the first by its place in the table. */
function indexedTwice({ get, fields }: Good) {
  const secret = Buffer.from('value', 'latin1');
  const indexed = Buffer.concat([Buffer.of(0x40, 1, 0x78, secret.length), secret]);
  const first = headers(Buffer.concat([get.payload, indexed]));
  return [
    first,
    headers(Buffer.concat([encodeFields(fields), Buffer.of(0x80 | 62)]), first.flags, 3),
  ];
}

const hpackCases: readonly Http2Case[] = [
  hpack('2.3.3', 'index 0', compression, { after: [0x80] }),
  hpack('2.3.3', 'an index behind the end of the tables', compression, { after: [0xff, 0x80, 1] }),
  hpack('2.3.3', 'a name with such an index', compression, { after: [0x7f, 0x80, 1, 1, 0x61] }),
  {
    section: 'RFC 7541 §2.3.2',
    name: 'a field of the request before, by its index',
    expect: 'served',
    on: 3,
    frames: indexedTwice,
  },
  hpack('4.2', 'a larger table than was offered', compression, { before: [0x3f, 0xe2, 0x1f] }),
  hpack('4.2', 'a smaller table', 'served', { before: [0x20] }),
  hpack('4.2', 'a size of the table behind the fields', compression, { after: [0x20] }),
  hpack('5.1', 'an integer without end', compression, {
    after: [0xff, ...Array<number>(12).fill(0xff), 1],
  }),
  hpack('5.1', 'an integer cut off', compression, { after: [0xff, 0x80] }),
  hpack('5.2', 'a string longer than the block', compression, {
    after: [0x00, 1, 0x78, 0x7e, 0x61],
  }),
  hpack('5.2', 'a value in Huffman’s code', 'served', { after: huffman(0x1f) }),
  hpack('5.2', 'padding of more than seven bits', compression, { after: huffman(0x1f, 0xff) }),
  hpack('5.2', 'padding of zeros', compression, { after: huffman(0x18) }),
  hpack('5.2', 'the end of string inside a string', compression, {
    after: huffman(0xff, 0xff, 0xff, 0xff),
  }),
];

export const fieldAndHpackCases = [...fieldCases, ...hpackCases];

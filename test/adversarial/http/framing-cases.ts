// Two ideas of where a body ends are two ideas of where the next request begins (RFC 9112 §6, §11.2).

import type { Payload } from './payload.ts';
import { chunked, refused, smuggled } from './payload.ts';

const kind = 'framing';
const first = 'POST /framing HTTP/1.1';
const length = `Content-Length: ${smuggled.length}`;
const coding = 'Transfer-Encoding: chunked';

const lengths: readonly (readonly [name: string, line: string])[] = [
  ['plus sign', 'Content-Length: +5'],
  ['minus sign', 'Content-Length: -5'],
  ['hexadecimal', 'Content-Length: 0x5'],
  ['leading zero', 'Content-Length: 05'],
  ['list of two that agree', 'Content-Length: 5, 5'],
  ['list of two that differ', 'Content-Length: 5, 6'],
  ['inner space', 'Content-Length: 5 5'],
  ['decimal point', 'Content-Length: 5.0'],
  ['exponent', 'Content-Length: 5e0'],
  ['nothing', 'Content-Length:'],
  ['a word', 'Content-Length: five'],
  ['over 2^53', 'Content-Length: 9007199254740993'],
  ['over 2^64', 'Content-Length: 18446744073709551621'],
  ['vertical tab', 'Content-Length: \x0b5'],
  ['form feed', 'Content-Length: 5\x0c'],
  ['NUL', 'Content-Length: 5\0'],
  ['quoted', 'Content-Length: "5"'],
  ['semicolon', 'Content-Length: 5;x'],
];

const codings: readonly (readonly [name: string, line: string])[] = [
  ['gzip, chunked', 'Transfer-Encoding: gzip, chunked'],
  ['chunked, identity', 'Transfer-Encoding: chunked, identity'],
  ['identity, chunked', 'Transfer-Encoding: identity, chunked'],
  ['identity', 'Transfer-Encoding: identity'],
  ['chunked twice in a list', 'Transfer-Encoding: chunked, chunked'],
  ['xchunked', 'Transfer-Encoding: xchunked'],
  ['chunkedx', 'Transfer-Encoding: chunkedx'],
  ['chunked with parameter', 'Transfer-Encoding: chunked;q=1'],
  ['capitals', 'Transfer-Encoding: CHUNKED'],
  ['quoted', 'Transfer-Encoding: "chunked"'],
  ['nothing', 'Transfer-Encoding:'],
  ['leading comma', 'Transfer-Encoding: ,chunked'],
  ['vertical tab', 'Transfer-Encoding: \x0bchunked'],
  ['NUL behind', 'Transfer-Encoding: chunked\0'],
  ['high byte', 'Transfer-Encoding: \xa0chunked'],
  ['folded line', 'Transfer-Encoding:\r\n chunked'],
  ['space before colon', 'Transfer-Encoding : chunked'],
  ['tab before colon', 'Transfer-Encoding\t: chunked'],
  ['space before name', ' Transfer-Encoding: chunked'],
  ['bare CR before name', 'X: y\rTransfer-Encoding: chunked'],
  ['bare LF before name', 'X: y\nTransfer-Encoding: chunked'],
  ['underscore', 'Transfer_Encoding: chunked'],
];

/** What a server that believes it takes the rest for the next request. */
const hidden = chunked() + smuggled;

const chunkBodies: readonly (readonly [name: string, body: string])[] = [
  ['size with plus', `+5\r\nhello\r\n${chunked()}`],
  ['size with minus', `-5\r\nhello\r\n${chunked()}`],
  ['size with 0x', `0x5\r\nhello\r\n${chunked()}`],
  ['size with space in front', ` 5\r\nhello\r\n${chunked()}`],
  ['size with space behind', `5 \r\nhello\r\n${chunked()}`],
  ['size with tab behind', `5\t\r\nhello\r\n${chunked()}`],
  ['size over 2^64', `10000000000000005\r\nhello\r\n${chunked()}`],
  ['size that is empty', `\r\nhello\r\n${chunked()}`],
  ['size that is no number', `g\r\nhello\r\n${chunked()}`],
  ['bare LF behind size', `5\nhello\r\n${chunked()}`],
  ['bare CR behind size', `5\rhello\r\n${chunked()}`],
  ['bare LF behind chunk', `5\r\nhello\n${chunked()}`],
  ['no end of chunk', `5\r\nhello${chunked()}`],
  ['chunk longer than its size', `5\r\nhelloworld\r\n${chunked()}`],
  ['bare LF in extension', `5;a\nb\r\nhello\r\n${chunked()}`],
  ['bare CR in extension', `5;a\rb\r\nhello\r\n${chunked()}`],
  ['NUL in extension', `5;a=\0\r\nhello\r\n${chunked()}`],
  ['bare LF behind last chunk', `5\r\nhello\r\n0\n\n${smuggled}`],
];

const broken = (name: string, lines: readonly string[], body: string, rule?: string): Payload =>
  refused(kind, name, { first, lines, body }, rule);

export const framingPayloads: readonly Payload[] = [
  broken('length, then chunks', [length, coding], hidden),
  broken('chunks, then length', [coding, length], hidden),
  broken('length 0 and chunks', ['Content-Length: 0', coding], hidden),
  broken('length by list and chunks', ['Content-Length: 6, 6', coding], hidden),
  broken('length and chunked in capitals', [length, 'TRANSFER-ENCODING: Chunked'], hidden),
  broken('two lengths that differ', ['Content-Length: 0', length], smuggled),
  broken('two lengths that agree', [length, length], smuggled),
  broken('two codings', [coding, coding], hidden),
  broken('two codings, the second identity', [coding, 'Transfer-Encoding: identity'], hidden),
  broken('two codings, the first unknown', ['Transfer-Encoding: x', coding], hidden),
  refused(
    kind,
    'chunks in HTTP/1.0',
    { first: 'POST /framing HTTP/1.0', lines: [coding], body: hidden },
    'framing-on-1.0',
  ),
  refused(kind, 'chunks in HTTP/1.0 that stays', {
    first: 'POST /framing HTTP/1.0',
    lines: ['Connection: keep-alive', coding],
    body: hidden,
  }),
  ...lengths.map(([name, line]) => broken(`length: ${name}`, [line], 'hello')),
  ...codings.map(([name, line]) => broken(`coding: ${name}`, [line], hidden)),
  ...codings
    .slice(0, 8)
    .map(([name, line]) => broken(`coding with length: ${name}`, [length, line], hidden)),
  ...chunkBodies.map(([name, body]) => ({
    ...broken(`chunk: ${name}`, [coding], body),
    endsWriting: true,
  })),
  {
    ...broken('body shorter than its length', ['Content-Length: 500'], 'hello'),
    endsWriting: true,
  },
  { ...broken('chunks without an end', [coding], '5\r\nhello\r\n'), endsWriting: true },
  broken(
    'trailers announced',
    [coding, 'Trailer: X-Sum'],
    `5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`,
    'trailer',
  ),
];

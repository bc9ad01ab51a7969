// What a hostile or broken target answers. Refused, the caller gets a 502 or a cut; nothing of the answer is believed.

import type { Payload } from './payload.ts';
import { bytesOf, chunked } from './payload.ts';

/** In every body that a target sends. */
export const answerBody = 'answer-of-the-target';

const length = `Content-Length: ${answerBody.length}`;
const coding = 'Transfer-Encoding: chunked';
const chunks = chunked(answerBody);
const second = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned';

interface Case {
  readonly name: string;
  readonly first?: string;
  readonly lines?: readonly string[];
  readonly body?: string;
  readonly closes?: boolean;
  readonly method?: string;
}

const answered =
  (expect: Payload['expect']) =>
  ({
    name,
    first = 'HTTP/1.1 200 OK',
    lines = [],
    body = '',
    closes = false,
    method = 'GET',
  }: Case): Payload => ({
    class: 'answer',
    name,
    expect,
    bytes: bytesOf({ first: `${method} /answer HTTP/1.1` }),
    answer: {
      bytes: Buffer.from(`${[first, ...lines].join('\r\n')}\r\n\r\n${body}`, 'latin1'),
      closes,
    },
  });

const hostile: readonly Case[] = [
  { name: 'length and chunks', lines: [length, coding], body: chunks },
  { name: 'chunks and length', lines: [coding, 'Content-Length: 0'], body: chunks },
  { name: 'two lengths that differ', lines: [length, 'Content-Length: 1'], body: answerBody },
  { name: 'two lengths that agree', lines: [length, length], body: answerBody },
  { name: 'list of lengths', lines: ['Content-Length: 20, 20'], body: answerBody },
  { name: 'length with sign', lines: ['Content-Length: +20'], body: answerBody },
  { name: 'length in hexadecimal', lines: ['Content-Length: 0x14'], body: answerBody },
  { name: 'negative length', lines: ['Content-Length: -1'], body: answerBody, closes: true },
  { name: 'length over 2^64', lines: ['Content-Length: 18446744073709551636'], body: answerBody },
  { name: 'empty length', lines: ['Content-Length:'], body: answerBody, closes: true },
  { name: 'coding gzip, chunked', lines: ['Transfer-Encoding: gzip, chunked'], body: chunks },
  {
    name: 'coding chunked, identity',
    lines: ['Transfer-Encoding: chunked, identity'],
    body: chunks,
    closes: true,
  },
  {
    name: 'coding identity',
    lines: ['Transfer-Encoding: identity'],
    body: answerBody,
    closes: true,
  },
  { name: 'coding xchunked', lines: ['Transfer-Encoding: xchunked'], body: chunks, closes: true },
  { name: 'coding twice', lines: [coding, coding], body: chunks },
  {
    name: 'coding behind a vertical tab',
    lines: ['Transfer-Encoding: \x0bchunked'],
    body: chunks,
    closes: true,
  },
  {
    name: 'coding with space before colon',
    lines: ['Transfer-Encoding : chunked'],
    body: chunks,
    closes: true,
  },
  { name: 'coding folded', lines: ['Transfer-Encoding:\r\n chunked'], body: chunks, closes: true },
  {
    name: 'shorter than its length',
    lines: ['Content-Length: 500'],
    body: answerBody,
    closes: true,
  },
  { name: 'chunks without an end', lines: [coding], body: chunks.slice(0, -5), closes: true },
  {
    name: 'chunk with a size that is none',
    lines: [coding],
    body: `zz\r\n${answerBody}`,
    closes: true,
  },
  { name: 'no framing at all', body: answerBody, closes: true },
  { name: 'no framing in HTTP/1.0', first: 'HTTP/1.0 200 OK', body: answerBody, closes: true },
  {
    name: '204 with a length',
    first: 'HTTP/1.1 204 No Content',
    lines: [length],
    body: answerBody,
  },
  { name: '204 in chunks', first: 'HTTP/1.1 204 No Content', lines: [coding], body: chunks },
  {
    name: '101 that nobody asked for',
    first: 'HTTP/1.1 101 Switching Protocols',
    lines: ['Upgrade: websocket', 'Connection: Upgrade'],
    body: answerBody,
  },
  { name: 'status of two digits', first: 'HTTP/1.1 20 OK', lines: [length], body: answerBody },
  { name: 'status 600', first: 'HTTP/1.1 600 OK', lines: [length], body: answerBody },
  { name: 'status 000', first: 'HTTP/1.1 000 OK', lines: [length], body: answerBody },
  { name: 'version 0.9', first: 'HTTP/0.9 200 OK', lines: [length], body: answerBody },
  { name: 'version 2.0', first: 'HTTP/2.0 200 OK', lines: [length], body: answerBody },
  {
    name: 'chunks in HTTP/1.0',
    first: 'HTTP/1.0 200 OK',
    lines: [coding],
    body: chunks,
    closes: true,
  },
  { name: 'no version', first: '200 OK', lines: [length], body: answerBody, closes: true },
  {
    name: 'bare LF in Location',
    first: 'HTTP/1.1 302 Found',
    lines: [length, 'Location: /a\nSet-Cookie: a=b'],
    body: answerBody,
  },
  { name: 'space in a name', lines: [length, 'X Y: 1'], body: answerBody },
  { name: 'line without a colon', lines: [length, 'X'], body: answerBody },
  { name: 'folded line', lines: [length, 'X: a', ' b'], body: answerBody },
  {
    name: 'two types',
    lines: [length, 'Content-Type: a/b', 'Content-Type: text/html'],
    body: answerBody,
  },
  {
    name: 'two locations',
    first: 'HTTP/1.1 302 Found',
    lines: [length, 'Location: /a', 'Location: /b'],
    body: answerBody,
  },
  {
    name: 'Connection names Content-Type',
    lines: [length, 'Connection: content-type', 'Content-Type: text/plain'],
    body: answerBody,
  },
  {
    name: 'Connection names Set-Cookie',
    lines: [length, 'Connection: set-cookie', 'Set-Cookie: a=b'],
    body: answerBody,
  },
  {
    name: '129 fields',
    lines: [length, ...Array.from({ length: 129 }, (_, at) => `X-${at}: 1`)],
    body: answerBody,
  },
  { name: 'head of 1 MiB', lines: [length, `X: ${'a'.repeat(1024 * 1024)}`], body: answerBody },
  { name: 'no head', first: answerBody, closes: true },
  {
    name: 'empty line before the head',
    first: '\r\nHTTP/1.1 200 OK',
    lines: [length],
    body: answerBody,
  },
  {
    name: 'lines that end in LF alone',
    first: 'HTTP/1.1 200 OK\nX: 1\n',
    lines: [length],
    body: answerBody,
  },
  {
    name: '17 interim answers',
    first: `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17)}HTTP/1.1 200 OK`,
    lines: [length],
    body: answerBody,
  },
  {
    name: 'chunk whose size ends in a blank',
    lines: [coding],
    body: chunks.replace('\r\n', ' \r\n'),
    closes: true,
  },
  {
    name: 'chunks whose lines end in LF alone',
    lines: [coding],
    body: chunks.replaceAll('\r\n', '\n'),
    closes: true,
  },
  {
    name: 'trailer that is no field',
    lines: [coding],
    body: chunks.replace(/\r\n$/, 'X\r\n\r\n'),
    closes: true,
  },
  { name: 'NUL in a value', lines: [length, 'X: a\0b'], body: answerBody },
  { name: 'control in a value', lines: [length, 'X: a\x01b'], body: answerBody },
  {
    name: 'bare CR in Location',
    first: 'HTTP/1.1 302 Found',
    lines: [length, 'Location: /a\rSet-Cookie: a=b'],
    body: answerBody,
  },
];

const harmless: readonly Case[] = [
  { name: 'length', lines: [length], body: answerBody },
  { name: 'chunks', lines: [coding], body: chunks },
  { name: 'chunks of one byte', lines: [coding], body: chunked(...Array.from(answerBody)) },
  {
    name: 'length in HTTP/1.0',
    first: 'HTTP/1.0 200 OK',
    lines: [length],
    body: answerBody,
    closes: true,
  },
  {
    name: 'early hints',
    first: 'HTTP/1.1 103 Early Hints',
    lines: ['Link: </a>'],
    body: `HTTP/1.1 200 OK\r\n${length}\r\n\r\n${answerBody}`,
  },
  { name: 'no reason phrase', first: 'HTTP/1.1 200', lines: [length], body: answerBody },
  {
    name: 'several cookies',
    lines: [length, 'Set-Cookie: a=1', 'Set-Cookie: b=2'],
    body: answerBody,
  },
  {
    name: 'UTF-8 in a value',
    lines: [length, 'Content-Disposition: attachment; filename="\xc3\xa9"'],
    body: answerBody,
  },
  {
    name: 'a second answer behind the first',
    lines: [length],
    body: answerBody + second,
    closes: true,
  },
];

export const answerPayloads: readonly Payload[] = [
  ...hostile.map(answered('refused')),
  ...harmless.map(answered('same')),
];

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { ResponseRule } from '../../../../hosts/http/wire/index.ts';
import { ResponseReader } from '../../../../hosts/http/wire/index.ts';

interface Told {
  readonly status: number | undefined;
  readonly rule: string | undefined;
  readonly body: string;
  readonly end: 'clean' | 'unclean' | undefined;
}

/** What is told of these pieces; a rule that is thrown counts as one that refuses the head. */
function told(pieces: readonly string[], method = 'GET'): Told {
  const reader = new ResponseReader(method);
  let result: Told = { status: undefined, rule: undefined, body: '', end: undefined };
  try {
    for (const part of pieces.flatMap((piece) => reader.push(Buffer.from(piece, 'latin1')))) {
      if (part.kind === 'head') {
        const rule = part.checked.kind === 'refused' ? part.checked.rule : undefined;
        result = { ...result, status: part.status, rule };
      } else if (part.kind === 'body') {
        result = { ...result, body: result.body + part.bytes.toString('latin1') };
      } else result = { ...result, end: part.isClean ? 'clean' : 'unclean' };
    }
  } catch (error) {
    return { ...result, rule: (error as { readonly rule: string }).rule };
  }
  return result;
}

const head = (...lines: readonly string[]): string =>
  `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`;
const chunked = head('Transfer-Encoding: chunked');

const whole: readonly (readonly [what: string, bytes: string, body: string])[] = [
  ['a length', `${head('Content-Length: 5')}hello`, 'hello'],
  ['no bytes at all', head('Content-Length: 0'), ''],
  ['chunks', `${chunked}2\r\nhe\r\n0003\r\nllo\r\n0\r\n\r\n`, 'hello'],
  ['a chunk with an extension', `${chunked}5;a="b"\r\nhello\r\n0;c\r\n\r\n`, 'hello'],
  ['trailers', `${chunked}5\r\nhello\r\n0\r\nX-A: 1\r\nX-B:\r\n\r\n`, 'hello'],
  ['line breaks in a chunk', `${chunked}6\r\n\r\n0\r\n\r\r\n0\r\n\r\n`, '\r\n0\r\n\r'],
  [
    'interim answers before it',
    `HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n${head('Content-Length: 1')}a`,
    'a',
  ],
  ['no phrase', 'HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na', 'a'],
];

describe('an answer with', () => {
  it.each(whole)('%s is told whole, however it comes', (_what, bytes, body) => {
    const expected = { status: 200, rule: undefined, body, end: 'clean' };
    expect(told([bytes])).toEqual(expected);
    expect(told(Array.from(bytes))).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length })), (cuts) => {
        const at = [0, ...cuts, bytes.length].sort((one, other) => one - other);
        expect(told(at.slice(1).map((end, index) => bytes.slice(at[index], end)))).toEqual(
          expected,
        );
      }),
    );
  });

  it.each(whole)('%s is not over before its last byte', (_what, bytes) => {
    for (let end = 0; end < bytes.length; end += 1) {
      expect(told([bytes.slice(0, end)]).end).toBeUndefined();
    }
  });

  it.each(whole)('%s is not clean when something stands behind it', (_what, bytes, body) => {
    const expected = { status: 200, rule: undefined, body, end: 'unclean' };
    expect(told([`${bytes}HTTP/1.1 200 OK\r\n`])).toEqual(expected);
  });

  it('no body says nothing of what would be its length', () => {
    const expected = { rule: undefined, body: '', end: 'clean' };
    expect(told([head('Content-Length: 5')], 'HEAD')).toEqual({ status: 200, ...expected });
    const unchanged = head('Content-Length: 5').replace('200 OK', '304 Not Modified');
    expect(told([unchanged])).toEqual({ status: 304, ...expected });
  });

  it('no framing has no end', () => {
    expect(told([head(), 'hello'])).toMatchObject({ status: 200, body: 'hello', end: undefined });
  });

  it('any body comes out of chunks as it went in', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary-ascii', minLength: 1 })), (pieces) => {
        const bytes = pieces.map((each) => `${each.length.toString(16)}\r\n${each}\r\n`).join('');
        expect(told([`${chunked}${bytes}0\r\n\r\n`])).toMatchObject({
          ...{ body: pieces.join(''), end: 'clean' },
        });
      }),
    );
  });
});

describe('refused is', () => {
  it.each<readonly [ResponseRule, string]>([
    ['response-malformed', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['response-malformed', 'HTTP/1.1 200 OK\nContent-Length: 0\n\r\n\r\n'],
    ['response-malformed', 'HTTP/0.9 200 OK\r\n\r\n'],
    ['response-malformed', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['response-malformed', 'http/1.1 200 OK\r\n\r\n'],
    ['response-malformed', 'HTTP/1.1  200 OK\r\n\r\n'],
    ['response-malformed', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['response-malformed', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['response-malformed', 'HTTP/1.1 200 OK\rSet-Cookie: a=b\r\n\r\n'],
    ['response-malformed', head('Content-Length: 0', 'X')],
    ['response-malformed', head('Content-Length: 0', ': 1')],
    ['response-status', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['response-status', 'HTTP/1.1 600 OK\r\n\r\n'],
    ['response-header-name', head('Content-Length : 0')],
    ['response-header-name', head('X: a', ' b: c')],
    ['response-header-name', head('X: a', '\tb: c')],
    ['response-header-value', head('X: a\nContent-Length: 0')],
    ['response-header-value', head('X: a\rb')],
    ['response-header-value', head('X: a\0b')],
    ['response-header-count', head(...Array.from({ length: 129 }, () => 'X: 1'))],
    ['response-framing-both', head('Content-Length: 0', 'Transfer-Encoding: chunked')],
    ['response-framing-transfer-encoding', head('Transfer-Encoding: gzip, chunked')],
    ['response-head-size', head(`X: ${'a'.repeat(64 * 1024)}`)],
    ['response-head-size', `HTTP/1.1 200 ${'a'.repeat(64 * 1024)}`],
    [
      'response-interim',
      `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17)}${head('Content-Length: 0')}`,
    ],
    ['response-chunk', `${chunked}\r\n`],
    ['response-chunk', `${chunked}5\nhello\r\n`],
    ['response-chunk', `${chunked}5 \r\nhello\r\n`],
    ['response-chunk', `${chunked} 5\r\nhello\r\n`],
    ['response-chunk', `${chunked}0x5\r\nhello\r\n`],
    ['response-chunk', `${chunked}-5\r\nhello\r\n`],
    ['response-chunk', `${chunked}5\r\nhello!\r\n0\r\n\r\n`],
    ['response-chunk', `${chunked}5\r\nhello\n0\r\n\r\n`],
    ['response-chunk', `${chunked}5;\0\r\nhello\r\n`],
    ['response-chunk', `${chunked}fffffffffffff\r\nhello`],
    ['response-chunk', `${chunked}5;${'a'.repeat(5000)}`],
    ['response-chunk', `${chunked}0\r\nX\r\n\r\n`],
    ['response-chunk', `${chunked}0\r\n${`X: ${'a'.repeat(4000)}\r\n`.repeat(5)}\r\n`],
    ['response-header-name', `${chunked}0\r\nX : 1\r\n\r\n`],
    ['response-header-value', `${chunked}0\r\nX: \0\r\n\r\n`],
  ])('%s: %j', (rule, bytes) => {
    expect(told([bytes]).rule).toBe(rule);
    expect(told([bytes]).end).toBeUndefined();
    const byByte = told(Array.from(bytes));
    expect(byByte).toMatchObject({ rule, end: undefined });
  });
});

it('a head that comes byte by byte costs no more for being long', () => {
  const bytes = head(...Array.from({ length: 100 }, (_, at) => `X-${at}: ${'a'.repeat(600)}`));
  const reader = new ResponseReader('GET');
  const start = process.cpuUsage();
  for (const byte of Buffer.from(bytes)) reader.push(Buffer.of(byte));
  const { user } = process.cpuUsage(start);
  expect(user).toBeLessThan(2_000_000);
});

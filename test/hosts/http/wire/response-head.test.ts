import { describe, expect, it } from '@jest/globals';

import type { ResponseRule } from '../../../../hosts/http/wire/index.ts';
import { checkResponse } from '../../../../hosts/http/wire/index.ts';
import { splitResponse } from '../../../support/http-heads.ts';

/** @param first Without `HTTP/1.1`, if that is its version. */
const check = (first: string, lines: readonly string[] = [], method = 'GET') => {
  const statusLine = first.startsWith('HTTP/') ? first : `HTTP/1.1 ${first}`;
  return checkResponse(splitResponse(`${[statusLine, ...lines].join('\r\n')}\r\n\r\n`), { method });
};

describe('an answer', () => {
  it('keeps the fields that are for the caller', () => {
    const lines = [
      'Content-Type: text/html',
      'Set-Cookie: a=1',
      'SET-COOKIE: b=2',
      'X-Name: caf\xc3\xa9  ',
      'Connection: keep-alive, X-Hop',
      'X-Hop: 1',
      'Keep-Alive: timeout=5',
      'Upgrade: h2,h2c',
      'Alt-Svc: h3=":443"',
      'Transfer-Encoding: chunked',
    ];
    expect(check('200 OK', lines)).toEqual({
      kind: 'response',
      fields: [
        ['content-type', 'text/html'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['x-name', 'caf\xc3\xa9'],
      ],
      framing: { kind: 'chunked' },
      keptSeconds: 5,
    });
  });

  it.each([
    ['200 OK', ['Content-Length: 5'], 'GET', { kind: 'length', bytes: 5 }],
    ['HTTP/1.0 200 OK', ['Content-Length: 5'], 'GET', { kind: 'length', bytes: 5 }],
    ['200 OK', [], 'GET', { kind: 'close' }],
    ['HTTP/1.0 200 OK', [], 'GET', { kind: 'close' }],
    ['HTTP/2 200', [], 'GET', { kind: 'chunked' }],
    ['200 OK', ['Content-Length: 5'], 'HEAD', { kind: 'none' }],
    ['200 OK', ['Transfer-Encoding: chunked'], 'HEAD', { kind: 'none' }],
    ['304 Not Modified', ['Content-Length: 5'], 'GET', { kind: 'none' }],
    ['204 No Content', ['Content-Length: 0'], 'GET', { kind: 'none' }],
    ['100 Continue', [], 'POST', { kind: 'none' }],
    ['103 Early Hints', ['Link: </a>'], 'GET', { kind: 'none' }],
  ] as const)('%s %j to %s ends where it says', (status, lines, method, framing) => {
    expect(check(status, lines, method)).toMatchObject({ kind: 'response', framing });
  });

  it('says how long a body would be that is not sent', () => {
    const fields = [['content-length', '5']];
    expect(check('200 OK', ['Content-Length: 5'], 'HEAD')).toMatchObject({ fields });
    expect(check('304 Not Modified', ['Content-Length: 5'])).toMatchObject({ fields });
    expect(check('200 OK', ['Content-Length: 5'])).toMatchObject({ fields: [] });
  });

  it.each<readonly [ResponseRule, string, readonly string[]]>([
    ['response-version', 'HTTP/0.9 200 OK', []],
    ['response-version', 'HTTP/2.0 200 OK', []],
    ['response-status', '99 No', []],
    ['response-status', '600 No', []],
    ['response-status', 'two', []],
    ['response-status', '200.5 OK', []],
    ['response-status', '101 Switching Protocols', ['Upgrade: websocket', 'Connection: upgrade']],
    ['response-status', '199 Odd', []],
    ['response-header-count', '200 OK', Array<string>(129).fill('a: b')],
    ['response-header-name', '200 OK', ['A B: c']],
    ['response-header-name', '200 OK', ['A : c']],
    ['response-header-name', '200 OK', [' folded: c']],
    ['response-header-name', '200 OK', [': c']],
    ['response-header-value', '200 OK', ['Location: /\0']],
    ['response-header-value', '200 OK', ['Location: /\rSet-Cookie: a=b']],
    ['response-header-value', '200 OK', ['Location: /\nSet-Cookie: a=b']],
    ['response-header-value', '200 OK', ['X: \x7f']],
    ['response-header-duplicate', '200 OK', ['Content-Length: 5', 'Content-Length: 5']],
    ['response-header-duplicate', '200 OK', ['Content-Length: 5', 'content-length: 6']],
    ['response-header-duplicate', '200 OK', ['Content-Type: a/b', 'Content-Type: c/d']],
    ['response-header-duplicate', '302 Found', ['Location: /a', 'Location: /b']],
    ['response-connection', '200 OK', ['Connection: content-type', 'Content-Type: a/b']],
    ['response-connection', '200 OK', ['Connection: Set-Cookie']],
    ['response-connection', 'HTTP/2 200', ['connection: close']],
    ['response-framing-both', '200 OK', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['response-framing-length', '200 OK', ['Content-Length: +5']],
    ['response-framing-length', '200 OK', ['Content-Length: 5, 5']],
    ['response-framing-length', '200 OK', ['Content-Length: 0x5']],
    ['response-framing-length', '200 OK', ['Content-Length:']],
    ['response-framing-length', '304 Not Modified', ['Content-Length: -1']],
    ['response-framing-transfer-encoding', '200 OK', ['Transfer-Encoding: gzip, chunked']],
    ['response-framing-transfer-encoding', '200 OK', ['Transfer-Encoding: identity']],
    ['response-framing-transfer-encoding', '200 OK', ['Transfer-Encoding: xchunked']],
    [
      'response-framing-transfer-encoding',
      '200 OK',
      ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    ],
    ['response-framing-transfer-encoding', 'HTTP/1.0 200 OK', ['Transfer-Encoding: chunked']],
    ['response-framing-bodyless', '204 No Content', ['Content-Length: 5']],
    ['response-framing-bodyless', '204 No Content', ['Transfer-Encoding: chunked']],
    ['response-framing-bodyless', '103 Early Hints', ['Content-Length: 5']],
  ])('is refused for %s: %s %j', (rule, status, lines) => {
    expect(check(status, lines)).toMatchObject({ kind: 'refused', rule });
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { CanonicalRequest, HeaderField } from '../../../../hosts/http/wire/index.ts';
import { canonicalise, serialiseHead } from '../../../../hosts/http/wire/index.ts';
import { splitRequest } from '../../../support/http-heads.ts';

const read = (head: string): CanonicalRequest => {
  const result = canonicalise(splitRequest(head));
  if (result.kind === 'refused') throw new Error(`refused: ${result.rule}`);
  return result.request;
};

const headOf = (request: CanonicalRequest, extra: readonly HeaderField[] = []): string =>
  serialiseHead(request, extra, request.authority).toString('latin1');

const name = fc.stringMatching(/^[a-z]{1,8}(-[a-z0-9]{1,8}){0,2}$/);
const value = fc.stringMatching(/^([!-~]([ -~]{0,20}[!-~])?)?$/);
const segment = fc.string({ unit: 'grapheme', maxLength: 8 }).map(encodeURIComponent);
const query = fc.webQueryParameters();
const framing = fc.constantFrom(
  '',
  'Content-Length: 0\r\n',
  'Content-Length: 7\r\n',
  'Transfer-Encoding: chunked\r\n',
);
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'M-SEARCH');

const requests = fc
  .tuple(
    method,
    fc.array(segment, { maxLength: 4 }),
    query,
    fc.array(fc.tuple(name, value), { maxLength: 8 }),
    framing,
  )
  .map(
    ([verb, segments, search, fields, body]) =>
      `${verb} /${segments.join('/')}?${search} HTTP/1.1\r\nHost: app.test:8443\r\n` +
      `${fields.map(([key, text]) => `${key}: ${text}\r\n`).join('')}${body}\r\n`,
  );

describe('what is forwarded', () => {
  it('is read as what was judged', () => {
    let judged = 0;
    fc.assert(
      fc.property(requests, (head) => {
        const result = canonicalise(splitRequest(head));
        if (result.kind === 'refused') return;
        judged += 1;
        const again = read(headOf(result.request));
        expect(again).toEqual({ ...result.request, framing: again.framing });
        expect(headOf(again)).toBe(headOf(result.request));
      }),
      { numRuns: 500 },
    );
    expect(judged).toBeGreaterThan(100);
  });

  it('never has a line that was not judged, whatever comes in', () => {
    const anything = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(anything, anything, anything, (target, key, text) => {
        const rawHeaders = ['host', 'a', key, text];
        const result = canonicalise({
          version: '1.1',
          method: 'GET',
          target,
          scheme: 'https',
          rawHeaders,
        });
        if (result.kind === 'refused') return;
        const lines = headOf(result.request).split(/[\r\n]+/);
        expect(lines.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 2000 },
    );
  });

  it('is the head of a request and nothing else', () => {
    const head =
      'POST /a?b HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\nAccept: */*\r\nTE: trailers\r\n\r\n';
    const written = serialiseHead(read(head), [['authorization', 'Bearer x']], '10.0.0.7:8080');
    expect(written.toString('latin1')).toBe(
      'POST /a?b HTTP/1.1\r\nhost: 10.0.0.7:8080\r\nconnection: keep-alive\r\naccept: */*\r\n' +
        'authorization: Bearer x\r\ncontent-length: 3\r\n\r\n',
    );
  });

  it.each([
    ['GET', '', ''],
    ['GET', 'Content-Length: 0\r\n', ''],
    ['DELETE', 'Content-Length: 0\r\n', ''],
    ['DELETE', 'Content-Length: 4\r\n', 'content-length: 4\r\n'],
    ['POST', '', 'content-length: 0\r\n'],
    ['OPTIONS', 'Transfer-Encoding: chunked\r\n', 'transfer-encoding: chunked\r\n'],
  ])('frames the body of %s %j itself', (verb, given, written) => {
    const head = `${verb} / HTTP/1.1\r\nHost: app.test\r\n${given}\r\n`;
    expect(headOf(read(head))).toBe(
      `${verb} / HTTP/1.1\r\nhost: app.test\r\nconnection: keep-alive\r\n${written}\r\n`,
    );
  });

  it('opens a WebSocket with the key of the caller and without extensions', () => {
    const head =
      'GET /ws HTTP/1.1\r\nHost: app.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: a, b\r\n\r\n';
    expect(headOf(read(head))).toBe(
      'GET /ws HTTP/1.1\r\nhost: app.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
        'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'sec-websocket-protocol: a, b\r\n\r\n',
    );
    expect(read(headOf(read(head)))).toEqual(read(head));
  });
});

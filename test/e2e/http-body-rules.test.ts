// Rules that read bodies, end to end: what is judged is what the target gets, and what servers could read otherwise is refused.

import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RecordingUpstream } from '#lab';

import type { EndpointArena } from '../support/endpoint-arena.ts';
import { startEndpointArena } from '../support/endpoint-arena.ts';
import type { HttpGateway } from '../support/http-gateway.ts';
import type { Posted } from '../support/posted-request.ts';
import { receivedBodies, send } from '../support/posted-request.ts';

let arena: EndpointArena;
let gateway: HttpGateway;
let upstream: RecordingUpstream;

beforeAll(async () => {
  arena = await startEndpointArena();
  ({ gateway, upstream } = arena);
});

afterAll(async () => {
  await arena[Symbol.asyncDispose]();
});

const passes = (posted: Posted): Promise<void> => arena.passes(posted);
const refuses = (posted: Posted, status: number, refusal: string): Promise<void> =>
  arena.refuses(posted, status, refusal);

describe('bodies that rules read', () => {
  const typed = (type: string, body: string): Posted => ({
    ...{ path: '/pay', headers: { 'content-type': type }, body },
  });
  const form = 'application/x-www-form-urlencoded';
  const part = (name: string, more = '') =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\nx\r\n--b--\r\n`;

  it('pass to the byte where nothing is wrong with them', async () => {
    await passes({ path: '/pay', body: ' { "amount" : 1e1, "é":"\\u00e9" }\n' });
    await passes(typed(form, 'role=user&role=guest&x=%41+b'));
    await passes(typed('multipart/form-data; boundary=b', part('file', '; filename="a.txt"')));
  });

  it.each<[string, Posted]>([
    ['JSON', { path: '/pay', body: '{"amount":1000}' }],
    ['JSON in escapes', { path: '/pay', body: '{"\\u0061mount":1e3}' }],
    ['JSON of a vendor', typed('Application/Vnd.Pay+JSON', '{"amount":1000}')],
    ['a form', typed(form, 'role=user&role=admin')],
    ['a form in escapes', typed(form, 'r%6fle=%61dmin')],
    ['parts', typed('multipart/form-data; boundary=b', part('file', '; filename="a.exe"'))],
  ])('are denied by what they say as %s', (_, posted) => refuses(posted, 403, 'rule-deny'));

  it.each<[string, Posted, number, string]>([
    [
      'a key twice',
      { path: '/pay', body: '{"amount":1,"amount":1000}' },
      400,
      'json-duplicate-key',
    ],
    ['a key in another case', { path: '/pay', body: '{"Amount":1000}' }, 400, 'json-key-case'],
    ['a byte order mark', { path: '/pay', body: '\ufeff{"amount":1000}' }, 415, 'body-charset'],
    ['a form with semicolons', typed(form, 'a=1;role=admin'), 400, 'form-syntax'],
    [
      'two boundaries',
      typed('multipart/form-data; boundary=b; boundary=c', part('x')),
      415,
      'body-content-type',
    ],
    [
      'a coding',
      { path: '/pay', body: gzipSync('{"amount":1000}'), headers: { 'content-encoding': 'gzip' } },
      415,
      'statement-unsupported',
    ],
    [
      'more than the bound',
      { path: '/pay', body: `{"a":"${'x'.repeat(5000)}"}` },
      413,
      'statement-too-large',
    ],
  ])('are refused with %s', (_, posted, status, rule) => refuses(posted, status, rule));

  it('are bounded where they come in chunks', async () => {
    const chunked = { 'transfer-encoding': 'chunked' };
    const body = `{"a":"${'x'.repeat(5000)}"}`;
    const { status } = await send(gateway, { path: '/pay', body, headers: chunked });
    expect(status).toBe(413);
    expect(receivedBodies(upstream)).toEqual([]);
  });
});

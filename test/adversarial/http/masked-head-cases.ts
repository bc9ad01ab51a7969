// The canary beside the body: in fields, status lines, interim answers, answers without a body; and what callers ask for.

import type { MaskedRequest } from './masked-arena.ts';
import type { MaskedCase, MaskedOutcome } from './masked-case.ts';
import { canary, document, shown, told } from './masked-case.ts';

const planted = (line: string): MaskedCase =>
  told(`field ${line.split(':', 1)[0] ?? ''}`, 'masked', {
    lines: [line],
    body: document,
    shows: shown,
  });

const fields = [
  `ETag: "${canary}"`,
  `Last-Modified: ${canary}`,
  `Link: </users/${canary}>; rel=next`,
  `Location: /users/${canary}`,
  `Content-Location: /users/${canary}`,
  `Refresh: 0; url=/${canary}`,
  `Set-Cookie: email=${canary}`,
  `X-Email: ${canary}`,
  'X-Canary-7f3a: 1',
  `Content-Disposition: attachment; filename="${canary}.json"`,
  `Content-Language: ${canary}`,
  `Date: ${canary}`,
  `Vary: ${canary}`,
  `Allow: ${canary}`,
  `Retry-After: ${canary}`,
  `Server: ${canary}`,
  `Warning: 199 - "${canary}"`,
  `WWW-Authenticate: Basic realm="${canary}"`,
  `Strict-Transport-Security: max-age=1; ${canary}`,
  `X-Content-Type-Options: ${canary}`,
  `X-Frame-Options: ${canary}`,
  `Referrer-Policy: ${canary}`,
  `Content-Security-Policy: default-src ${canary}`,
  `Access-Control-Allow-Origin: https://${canary}`,
  `Access-Control-Expose-Headers: ${canary}`,
  `Access-Control-Allow-Credentials: ${canary}`,
  `Cache-Control: max-age=60, x="${canary}"`,
  `Digest: ${canary}`,
  `Server-Timing: ${canary}`,
  `Alt-Svc: h2="${canary}"`,
  'Connection: keep-alive, canary',
  `Keep-Alive: ${canary}`,
];

/** `Content-Length` and the like are of the body that the caller will not see. */
const status = (line: string, expect: MaskedOutcome, body = ''): MaskedCase =>
  told(`status ${line}`, expect, {
    first: `HTTP/1.1 ${line}`,
    lines: [`ETag: "${canary}"`, `Location: /${canary}`],
    ...{ body, shows: shown },
    ...(body === '' && /^(?:204|304)/.test(line) ? { framing: 'none' as const } : {}),
  });

const statuses: readonly MaskedCase[] = [
  status(`200 ${canary}`, 'masked', document),
  status('201 Created', 'empty'),
  status('204 No Content', 'empty'),
  status('206 Partial Content', 'refused', document),
  status('302 Found', 'empty'),
  status('304 Not Modified', 'empty'),
  status('307 Temporary Redirect', 'masked', document),
  status('400 Bad Request', 'masked', document),
  status('401 Unauthorized', 'masked', document),
  status('404 Not Found', 'empty'),
  status('416 Range Not Satisfiable', 'masked', document),
  status('500 Internal Server Error', 'masked', document),
  status(`599 ${canary}`, 'masked', document),
  told('error page', 'refused', {
    first: 'HTTP/1.1 500 Oops',
    type: 'text/html',
    body: `<pre>${canary}</pre>`,
  }),
  told('empty without a type', 'empty', { type: '', lines: [`X: ${canary}`] }),
  told('hints before the answer', 'masked', {
    first: `HTTP/1.1 103 ${canary}\r\nLink: </${canary}>\r\n\r\nHTTP/1.1 200 OK`,
    ...{ body: document, shows: shown },
  }),
  told('102 before the answer', 'masked', {
    first: `HTTP/1.1 102 ${canary}\r\nX: ${canary}\r\n\r\nHTTP/1.1 200 OK`,
    ...{ body: document, shows: shown },
  }),
  told('101 that nobody asked for', 'refused', {
    first: 'HTTP/1.1 101 Switching Protocols',
    lines: ['Upgrade: canary', 'Connection: Upgrade'],
    ...{ framing: 'none', body: canary },
  }),
  told('no HTTP', 'refused', { first: canary, body: document, closes: true }),
  told('a name of a field that is none', 'refused', { lines: [`${canary} x: 1`], body: document }),
  told('a line that is folded', 'refused', { lines: ['X: a', ` ${canary}`], body: document }),
  told('a length that is none', 'refused', {
    lines: [`Content-Length: ${canary}`],
    framing: 'none',
  }),
];

const asked = (name: string, request: MaskedRequest, expect: MaskedOutcome = 'masked') =>
  told(`the caller asks ${name}`, expect, {
    request,
    ...(request.method === 'HEAD' ? {} : { body: document, shows: shown }),
    lines: [`ETag: "${canary}"`],
  });

const requests: readonly MaskedCase[] = [
  asked('for a range', { fields: { range: 'bytes=0-9' } }),
  asked('for a range if unchanged', { fields: { range: 'bytes=9-', 'if-range': `"x"` } }),
  asked('if none match', { fields: { 'if-none-match': '*' } }),
  asked('if match', { fields: { 'if-match': '"x"' } }),
  asked('if modified', { fields: { 'if-modified-since': 'Sat, 21 Nov 2026 00:00:00 GMT' } }),
  asked('if unmodified', { fields: { 'if-unmodified-since': 'Sat, 21 Nov 2026 00:00:00 GMT' } }),
  asked('for gzip', { fields: { 'accept-encoding': 'gzip, br' } }),
  asked('for no identity', { fields: { 'accept-encoding': 'identity;q=0, *;q=0' } }),
  asked('for a callback', { path: '/users?callback=call' }),
  asked('for another type', { fields: { accept: 'text/html' } }),
  asked('with HEAD', { method: 'HEAD' }, 'empty'),
  asked('from a page', { fields: { origin: 'https://app.example' } }),
  told('the caller asks with HEAD for the length', 'empty', {
    request: { method: 'HEAD' },
    lines: ['Content-Length: 7317', `X: ${canary}`],
    framing: 'none',
  }),
];

const detected = (name: string, expect: MaskedOutcome, body: string, type?: string) =>
  told(`detected: ${name}`, expect, {
    ...{ body, request: { path: '/detect/1' }, shows: 'plain' },
    ...(type === undefined ? {} : { type }),
  });

const detections: readonly MaskedCase[] = [
  detected('a text', 'masked', `plain, ${canary}`, 'text/plain'),
  detected('a value', 'masked', `{"x":"<${canary}>","note":"plain"}`),
  detected('a name', 'masked', `{"${canary}":1,"note":"plain"}`),
  detected('an event', 'masked', `: ${canary}\ndata: plain ${canary}\n\n`, 'text/event-stream'),
  detected('the id of an event', 'cut', `id: ${canary}\ndata: 1\n\n`, 'text/event-stream'),
  detected('a table without a header', 'masked', `plain,${canary}\n`, 'text/csv; header=absent'),
  detected('HTML', 'refused', `<p>plain ${canary}</p>`, 'text/html'),
];

export const maskedHeadCases: readonly MaskedCase[] = [
  ...fields.map(planted),
  ...statuses,
  ...requests,
  ...detections,
];

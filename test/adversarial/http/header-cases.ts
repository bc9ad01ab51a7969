// Header fields that one server reads and the next one does not, or reads otherwise (RFC 9110 §5, RFC 9112 §5).

import type { Payload } from './payload.ts';
import { refused, smuggled } from './payload.ts';

const first = 'GET /header HTTP/1.1';

const lines: readonly (readonly [name: string, line: string, rule?: string])[] = [
  ['space before colon', 'X-Admin : 1'],
  ['tab before colon', 'X-Admin\t: 1'],
  ['space in name', 'X Admin: 1'],
  ['no colon', 'X-Admin'],
  ['no name', ': 1'],
  ['folded value', 'X-Admin: 1\r\n 2'],
  ['folded by tab', 'X-Admin: 1\r\n\t2'],
  ['line of spaces', ' '],
  ['underscore in name', 'X_Admin: 1', 'header-underscore'],
  ['underscore for length', 'Content_Length: 5', 'header-underscore'],
  ['dot in name', 'X.Admin: 1', 'header-name'],
  ['exclamation mark in name', 'X!Admin: 1', 'header-name'],
  ['NUL in name', 'X\0Admin: 1'],
  ['high byte in name', 'X\xe9: 1'],
  ['parenthesis in name', 'X(: 1'],
  ['NUL in value', 'X-Admin: a\0b'],
  ['control in value', 'X-Admin: a\x01b'],
  ['DEL in value', 'X-Admin: a\x7fb'],
  ['bare CR in value', 'X-Admin: a\rX-Injected: 1'],
  ['bare LF in value', 'X-Admin: a\nX-Injected: 1'],
  ['UTF-8 in value', 'X-Name: caf\xc3\xa9', 'header-value'],
  ['high byte in value', 'X-Name: \xff', 'header-value'],
  ['method override', 'X-HTTP-Method-Override: DELETE', 'header-override'],
  ['method override, short', 'X-HTTP-Method: DELETE', 'header-override'],
  ['method override, other', 'X-Method-Override: DELETE', 'header-override'],
  ['URL override', 'X-Original-URL: /admin', 'header-override'],
  ['URL rewrite', 'X-Rewrite-URL: /admin', 'header-override'],
  ['two media types', 'Content-Type: text/plain, application/json', 'content-type'],
  ['no media type', 'Content-Type: json', 'content-type'],
  ['trailer announced', 'Trailer: Authorization', 'trailer'],
];

const twice = [
  'Content-Type: a/b',
  'Cookie: a=1',
  'Range: bytes=0-1',
  'Origin: https://a',
  'User-Agent: a',
];

const hosts: readonly (readonly [name: string, hosts: readonly string[], rule?: string])[] = [
  ['no Host', [], 'host-missing'],
  ['two that agree', ['Host: app.localhost', 'Host: app.localhost']],
  ['two that differ', ['Host: app.localhost', 'Host: evil.test']],
  ['two, one folded', ['Host: app.localhost', ' Host: evil.test']],
  ['list', ['Host: app.localhost, evil.test'], 'host-syntax'],
  ['empty', ['Host:'], 'host-syntax'],
  ['userinfo', ['Host: evil@app.localhost'], 'host-syntax'],
  ['path', ['Host: app.localhost/admin'], 'host-syntax'],
  ['query', ['Host: app.localhost?x'], 'host-syntax'],
  ['fragment', ['Host: app.localhost#x'], 'host-syntax'],
  ['dot behind', ['Host: app.localhost.'], 'host-syntax'],
  ['two dots', ['Host: app..localhost'], 'host-syntax'],
  ['escape', ['Host: app%2elocalhost'], 'host-syntax'],
  ['empty port', ['Host: app.localhost:'], 'host-syntax'],
  ['port that is a word', ['Host: app.localhost:https'], 'host-syntax'],
  ['port over 65535', ['Host: app.localhost:65979'], 'host-syntax'],
  ['port with zero', ['Host: app.localhost:0443'], 'host-syntax'],
  ['port with sign', ['Host: app.localhost:+443'], 'host-syntax'],
  ['two ports', ['Host: app.localhost:443:80'], 'host-syntax'],
  ['inner space', ['Host: app.localhost evil.test'], 'host-syntax'],
  ['inner tab', ['Host: app.localhost\tevil.test'], 'host-syntax'],
  ['backslash', ['Host: app.localhost\\evil.test'], 'host-syntax'],
  ['open bracket', ['Host: [::1'], 'host-syntax'],
  ['zone', ['Host: [fe80::1%25eth0]'], 'host-syntax'],
  ['long address', ['Host: [0:0:0:0:0:0:0:1]'], 'host-syntax'],
  ['space before colon', ['Host : app.localhost']],
  ['space before name', [' Host: app.localhost']],
  ['name with underscore beside it', ['Host: app.localhost', 'Ho_st: evil.test']],
];

const connections: readonly (readonly [name: string, value: string])[] = [
  ['Host', 'close, Host'],
  ['Authorization', 'Authorization'],
  ['Cookie', 'keep-alive, cookie'],
  ['Content-Length', 'Content-Length'],
  ['Transfer-Encoding', 'Transfer-Encoding'],
  ['Content-Type', 'content-type'],
];

export const headerPayloads: readonly Payload[] = [
  ...lines.map(([name, line, rule]) => refused('header', name, { first, lines: [line] }, rule)),
  ...twice.map((line) => refused('header', `twice: ${line}`, { first, lines: [line, line] })),
  refused('header', 'twice: Authorization', {
    first,
    lines: ['Authorization: Basic YTpi', 'Authorization: Basic YTpj'],
  }),
  refused('header', '129 fields', {
    first,
    lines: Array.from({ length: 129 }, (_, at) => `X-${at}: 1`),
  }),
  refused('header', 'head of 1 MiB', { first, lines: [`X: ${'a'.repeat(1024 * 1024)}`] }),
  refused('header', 'only line feeds', {
    first: `GET /lf HTTP/1.1\nHost: app.localhost\n\n${smuggled}`,
  }),
  refused('header', 'bare LF behind the request line', { first: 'GET /lf HTTP/1.1\nX: 1' }),
  ...hosts.map(([name, given, rule]) => refused('host', name, { first, hosts: given }, rule)),
  ...connections.map(([name, value]) =>
    refused(
      'connection',
      `names ${name}`,
      { first, lines: [`Connection: ${value}`] },
      'connection-header',
    ),
  ),
];

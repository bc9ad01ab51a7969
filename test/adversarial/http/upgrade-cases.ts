// Ways out of HTTP, and expectations (RFC 9110 §7.8, §10.1.1; RFC 6455 §4.1).

import type { Payload } from './payload.ts';
import { refused, smuggled } from './payload.ts';

const socket = {
  connection: 'Connection: Upgrade',
  upgrade: 'Upgrade: websocket',
  version: 'Sec-WebSocket-Version: 13',
  key: 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
} as const;

const handshake = (changes: Partial<Record<keyof typeof socket, string>> = {}): string[] =>
  Object.values({ ...socket, ...changes });

const upgrades: readonly (readonly [name: string, lines: readonly string[], rule?: string])[] = [
  [
    'h2c',
    [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
    ],
    'upgrade',
  ],
  ['h2c without settings', ['Connection: Upgrade', 'Upgrade: h2c'], 'upgrade'],
  ['h2c behind websocket', handshake({ upgrade: 'Upgrade: websocket, h2c' }), 'upgrade'],
  ['h2c in a second line', handshake({ upgrade: 'Upgrade: websocket\r\nUpgrade: h2c' })],
  ['TLS', ['Connection: Upgrade', 'Upgrade: TLS/1.3'], 'upgrade'],
  ['websocket with version', handshake({ upgrade: 'Upgrade: websocket/13' }), 'upgrade'],
  ['websocket, not connected', handshake({ connection: 'X: 1' }), 'upgrade'],

  ['websocket with length 0', [...handshake(), 'Content-Length: 0'], 'upgrade'],
  ['websocket in chunks', [...handshake(), 'Transfer-Encoding: chunked'], 'upgrade'],
  ['version 12', handshake({ version: 'Sec-WebSocket-Version: 12' }), 'websocket-handshake'],
  ['two versions', handshake({ version: 'Sec-WebSocket-Version: 13, 8' }), 'websocket-handshake'],
  ['no version', handshake({ version: 'X: 1' }), 'websocket-handshake'],
  ['short key', handshake({ key: 'Sec-WebSocket-Key: c2hvcnQ=' }), 'websocket-handshake'],
  [
    'key that is no base64',
    handshake({ key: 'Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==' }),
    'websocket-handshake',
  ],
  ['no key', handshake({ key: 'X: 1' }), 'websocket-handshake'],
  ['two keys', [...handshake(), socket.key], 'header-duplicate'],
  ['protocol twice', [...handshake(), 'Sec-WebSocket-Protocol: a, a'], 'websocket-handshake'],
  ['key without upgrade', [socket.key], 'websocket-handshake'],
];

const expectations: readonly (readonly [name: string, value: string])[] = [
  ['unknown', '200-ok'],
  ['two', '100-continue, x'],
  ['twice', '100-continue\r\nExpect: 100-continue'],
  ['with parameter', '100-continue;q=1'],
];

export const upgradePayloads: readonly Payload[] = [
  ...upgrades.map(([name, lines, rule]) =>
    refused('upgrade', name, { first: 'GET /upgrade HTTP/1.1', lines }, rule),
  ),
  refused(
    'upgrade',
    'websocket with a body that is a request',
    {
      first: 'GET /upgrade HTTP/1.1',
      lines: [...handshake(), `Content-Length: ${smuggled.length}`],
      body: smuggled,
    },
    'upgrade',
  ),
  refused(
    'upgrade',
    'h2c with a request behind it',
    {
      first: 'GET /upgrade HTTP/1.1',
      lines: ['Connection: Upgrade', 'Upgrade: h2c'],
      body: smuggled,
    },
    'upgrade',
  ),
  refused(
    'upgrade',
    'websocket by POST',
    { first: 'POST /upgrade HTTP/1.1', lines: handshake() },
    'upgrade',
  ),
  refused('upgrade', 'websocket in HTTP/1.0', {
    first: 'GET /upgrade HTTP/1.0',
    lines: handshake(),
  }),
  ...expectations.map(([name, value]) =>
    refused('expectation', name, {
      first: 'POST /expect HTTP/1.1',
      lines: ['Content-Length: 5', `Expect: ${value}`],
      body: 'hello',
    }),
  ),
  refused('expectation', 'without a body', {
    first: 'GET /expect HTTP/1.1',
    lines: ['Expect: 100-continue'],
  }),
  refused('expectation', 'in HTTP/1.0', {
    first: 'POST /expect HTTP/1.0',
    lines: ['Content-Length: 5', 'Expect: 100-continue'],
    body: 'hello',
  }),
];

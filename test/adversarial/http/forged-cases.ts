// What callers must not be able to say: fields that are the gateway's, or an earlier hop's. The request is served without.

import type { Payload } from './payload.ts';
import { bytesOf } from './payload.ts';

const forged = 'forged-by-the-caller';

const names: readonly string[] = [
  ...[
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Port',
    'X-Forwarded-User',
  ],
  ...[
    'X-Forwarded-Client-Cert',
    'x-forwarded-prefix',
    'X-FORWARDED-FOR',
    'Forwarded',
    'Via',
    'X-Real-IP',
  ],
  ...[
    'X-Client-IP',
    'Client-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'X-Remote-User',
    'X-SSL-Client-Verify',
  ],
  ...['Sallyport-Assertion', 'SALLYPORT-ASSERTION', 'X-Sallyport-Principal', 'Proxy-Authorization'],
  ...['Proxy-Connection', 'Keep-Alive', 'TE'],
];

const served = (kind: string, name: string, lines: readonly string[]): Payload => ({
  class: kind,
  name,
  expect: 'same',
  bytes: bytesOf({ first: 'GET /forged HTTP/1.1', lines }),
  absent: forged,
});

export const forgedPayloads: readonly Payload[] = [
  ...names.map((name) => served('forged', name, [`${name}: ${forged}`])),
  served('forged', 'X-Forwarded-For twice', [
    `X-Forwarded-For: 1.1.1.1`,
    `X-Forwarded-For: ${forged}`,
  ]),
  served('connection', 'names a field of its own', [
    'Connection: close, X-Hop',
    `X-Hop: ${forged}`,
  ]),
  served('connection', 'names a field in capitals', ['Connection: X-HOP', `x-hop: ${forged}`]),
  served('connection', 'names a field in a second line', [
    ...['Connection: keep-alive', 'Connection: x-hop', `X-Hop: ${forged}`],
  ]),
];

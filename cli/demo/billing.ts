// The demo's HTTP server: a small billing service that knows nobody but the gateway. All people in it are invented.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import type { CertificateFiles, Origin } from '#lab';
import { startOrigin } from '#lab';

import { clearEmail } from './shop.ts';

const customers = [
  {
    id: 1,
    plan: 'team',
    email: clearEmail,
    phone: '+44 20 7946 0018',
    card: '4111 1111 1111 1111',
  },
  { id: 2, plan: 'solo', email: 'joan.keller@example.org', phone: '+49 30 901820', card: null },
];
/** A number that issuers publish for tests. */
export const clearCard = '4111 1111 1111 1111';

/** @param credential What the gateway must present as bearer token. */
export function startBilling(tls: CertificateFiles, credential: string): Promise<Origin> {
  return startOrigin({
    tls,
    respond: (request, response) => {
      answer(request, response, credential).catch(() => response.destroy());
    },
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  credential: string,
): Promise<void> {
  const send = (status: number, document: unknown): void => {
    const body = `${JSON.stringify(document)}\n`;
    const length = Buffer.byteLength(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': length });
    response.end(body);
  };
  const body = await text(request);
  if (request.headers.authorization !== `Bearer ${credential}`) {
    send(401, { error: 'who are you?' });
    return;
  }
  switch (`${request.method ?? ''} ${request.url ?? ''}`) {
    case 'GET /customers':
      send(200, { customers });
      return;
    case 'GET /plans':
      send(200, { plans: ['solo', 'team'] });
      return;
    case 'POST /admin/refunds':
      send(201, { refunded: JSON.parse(body) as unknown });
      return;
    default:
      send(404, { error: 'no such page' });
  }
}

// Requests by node's own client through a gateway, and what a recording upstream got of them.

import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import type { RecordingUpstream } from '#lab';
import { requestEnd } from '#lab';

import type { HttpGateway } from './http-gateway.ts';

export interface Posted {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Replied {
  readonly status: number;
  readonly body: string;
  /** Of a refusal: its rule, else its code; empty for what the target answered. */
  readonly refusal: string;
}

/** @param posted A POST of JSON to the target `app` unless it says otherwise. */
export async function send(gateway: HttpGateway, posted: Posted): Promise<Replied> {
  const { method = 'POST', path, headers = {}, body } = posted;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const isFramed = body === undefined || 'transfer-encoding' in headers;
  const length = isFramed ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const sent = request({
    ...{ host: gateway.host, port: gateway.port, ca: gateway.ca, servername: 'localhost' },
    ...{ method, path, headers: { ...gateway.headers('app'), ...type, ...length, ...headers } },
  });
  sent.on('response', resolve).on('error', reject).end(body);
  const response = await promise;
  const answer = await text(response);
  return { status: response.statusCode ?? 0, body: answer, refusal: refusalIn(response, answer) };
}

function refusalIn({ headers }: IncomingMessage, body: string): string {
  if (headers['content-type'] !== 'application/problem+json') return '';
  const { code, rule } = JSON.parse(body) as { readonly code: string; readonly rule?: string };
  return rule ?? code;
}

/** Bodies of the requests that came to the target since the last call. */
export function receivedBodies(upstream: RecordingUpstream): readonly string[] {
  const bodies: string[] = [];
  let rest = upstream.take();
  while (rest.length > 0) {
    const end = requestEnd(rest) ?? rest.length;
    bodies.push(rest.toString('utf8', rest.indexOf('\r\n\r\n') + 4, end));
    rest = rest.subarray(end);
  }
  return bodies;
}

// Requests to a gateway under test, by HTTP/1.1 and HTTP/2.

import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';

import type { HttpGateway } from './http-gateway.ts';

export interface Asking {
  readonly method?: string;
  /** Beside Host and Authorization. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** `ada` unless given. */
  readonly principal?: string;
  /** `app` unless given. */
  readonly target?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface Exchange {
  readonly sent: ClientRequest;
  readonly response: Promise<IncomingMessage>;
}

/** A request on a connection of its own; its body is left to the caller. */
export function send(gateway: HttpGateway, path: string, asking: Asking = {}): Exchange {
  const { method = 'GET', headers, principal, target = 'app' } = asking;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request({
    host: gateway.host,
    port: gateway.port,
    method,
    path,
    ca: gateway.ca,
    servername: 'localhost',
    agent: false,
    headers: { ...gateway.headers(target, principal), ...headers },
  });
  sent.on('response', resolve).on('error', reject);
  promise.catch(() => undefined);
  return { sent, response: promise };
}

/** Rejects when the connection breaks before the answer is whole. */
export async function ask(gateway: HttpGateway, path: string, asking: Asking = {}): Promise<Reply> {
  const { sent, response } = send(gateway, path, asking);
  sent.end(asking.body);
  const { statusCode: status = 0, headers, ...rest } = await response.then(wholeOf);
  return { status, headers, body: rest.body };
}

const wholeOf = async (response: IncomingMessage) => ({
  statusCode: response.statusCode,
  headers: response.headers,
  body: (await buffer(response)).toString(),
});

export function http2Session(gateway: HttpGateway): ClientHttp2Session {
  const { host, port, ca } = gateway;
  return connect(`https://${host}:${port}`, { ca, servername: 'localhost' });
}

/** Rejects when the stream is reset. */
export async function askHttp2(
  session: ClientHttp2Session,
  gateway: HttpGateway,
  path: string,
  asking: Asking = {},
): Promise<Reply> {
  const { method = 'GET', principal, target = 'app', headers: more, body } = asking;
  const { Host, Authorization } = gateway.headers(target, principal);
  const stream = session.request({
    ...{ ':method': method, ':path': path, ':authority': Host, authorization: Authorization },
    ...more,
  });
  let headers: Readonly<Record<string, unknown>> = {};
  stream.on('response', (answered) => {
    headers = answered;
  });
  stream.end(body);
  const answer = (await buffer(stream)).toString();
  return { status: Number(headers[':status']), headers, body: answer };
}

// Requests to a gateway under test, by HTTP/1.1 and HTTP/2, and the answers of approvers on its control socket.

import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';

import type { ApprovalView, ControlReply } from '#control';
import { callControl, controlSocket } from '#control';
import { eventually } from './eventually.ts';
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

/** What waits for this approver's answer, or was asked by them. */
export async function approvalsOf(
  gateway: HttpGateway,
  principal: string,
): Promise<readonly ApprovalView[]> {
  const { socket, token } = controlOf(gateway, principal);
  const reply = await callControl({ socket, token, method: 'GET', path: '/approvals' });
  if (reply.kind !== 'answered') throw new Error(`no approvals: ${JSON.stringify(reply)}`);
  return (reply.body as { readonly approvals: readonly ApprovalView[] }).approvals;
}

/** The approvals that this approver can give, as soon as there are so many. */
export async function heldFor(
  gateway: HttpGateway,
  principal: string,
  count = 1,
): Promise<readonly ApprovalView[]> {
  let found: readonly ApprovalView[] = [];
  await eventually(`${count} approvals wait for ${principal}`, async () => {
    found = await approvalsOf(gateway, principal);
    return found.length === count;
  });
  return found;
}

export function answerApproval(
  gateway: HttpGateway,
  principal: string,
  {
    id,
    ...body
  }: { readonly id: string; readonly answer: 'approve' | 'deny'; readonly note?: string },
): Promise<ControlReply> {
  const { socket, token } = controlOf(gateway, principal);
  return callControl({ socket, token, method: 'POST', path: `/approvals/${id}`, body });
}

const controlOf = (gateway: HttpGateway, principal: string) => ({
  socket: controlSocket(gateway.files.state),
  token: gateway.token(principal),
});

// A permitted gRPC call: relayed over HTTP/2 with its trailers, so that neither side takes one that was cut for whole.

import type { ServerHttp2Stream } from 'node:http2';

import { UpstreamError, errorFields } from '#engine';
import { startDeadline } from '#transport';

import { badGateway, refuse, unmaskable } from '../refusal.ts';
import type { GrpcEnd } from '../streams/index.ts';
import { GrpcRelay } from '../streams/index.ts';
import { headOf } from '../upstream/http2-dispatch.ts';
import { flatFields } from '../wire/index.ts';
import { grpcStatus, grpcTimeoutMs } from '../wire/grpc/index.ts';
import { outcomeEntry } from './evidence.ts';
import type { Exchange, Permitted } from './exchange.ts';
import { outgoing } from './outgoing.ts';

const closeMsMax = 3_000;

export async function forwardGrpc(
  exchange: Exchange,
  { masks }: Permitted,
  caller: ServerHttp2Stream,
): Promise<void> {
  const { downstream, services, session } = exchange;
  if (masks.length > 0) {
    refuse(downstream, unmaskable('gRPC messages say nothing of their fields'));
    return;
  }
  const relay = await open(exchange, caller);
  if (relay === undefined) return;
  const untrack = session.track(() => {
    void relay.end({ status: grpcStatus.unauthenticated, message: 'the session ended' });
  });
  const end = await relay.closed;
  untrack();
  note(exchange, relay, end);
  if (end.kind !== 'completed') services.log('grpc-call-ended', { kind: end.kind });
}

async function open(exchange: Exchange, caller: ServerHttp2Stream): Promise<GrpcRelay | undefined> {
  const { services, target, request, downstream } = exchange;
  const { responseSecondsMax, messageBytesMax, writeBufferBytesMax } = services.limits;
  using deadline = startDeadline(responseSecondsMax * 1000, 'the target did not answer in time');
  const fields = [['host', target.authority] as const, ...outgoing(exchange, request.fields)];
  const { method, path } = request;
  const headers = flatFields(fields);
  const head = headOf({ method, path, headers, body: null }, target.pools.scheme);
  try {
    const stream = await target.pools.http2.request({
      head,
      endStream: false,
      signal: deadline.signal,
    });
    const timeout = request.fields.find(([name]) => name === 'grpc-timeout')?.[1];
    return new GrpcRelay({
      caller,
      target: stream,
      timeoutMs: timeout === undefined ? undefined : grpcTimeoutMs(timeout),
      limits: { messageBytesMax, writeBufferBytesMax, closeMsMax },
    });
  } catch (error) {
    services.log('upstream-failed', { target: target.config.name, ...errorFields(error) });
    const message = error instanceof UpstreamError ? error.message : 'the target failed';
    refuse(downstream, badGateway(message));
    return undefined;
  }
}

function note({ session, number, startedAt }: Exchange, relay: GrpcRelay, end: GrpcEnd): void {
  const error = end.kind === 'completed' ? undefined : `the call was ${end.kind}`;
  const { up, down } = relay;
  session.note({
    ...outcomeEntry({ request: number, startedAt, status: 200, bytes: down.bytes, error }),
    grpc: {
      status: 'status' in end ? end.status : null,
      sent: { messages: up.messages, bytes: up.bytes },
      received: { messages: down.messages, bytes: down.bytes },
    },
  });
}

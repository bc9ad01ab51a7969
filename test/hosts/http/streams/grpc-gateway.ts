// A gateway of nothing but the gRPC relay, over plaintext HTTP/2 on both sides.

import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import {
  GrpcRelay,
  Http2Sessions,
  refuseGrpc,
  Sweep,
} from '../../../../hosts/http/streams/index.ts';
import type { GrpcEnd, GrpcLimits, Http2Limits } from '../../../../hosts/http/streams/index.ts';
import { grpcPath, grpcTimeoutMs } from '../../../../hosts/http/wire/grpc/index.ts';
import { dialPlain } from './websocket-gateway.ts';

export const limits: GrpcLimits & Http2Limits = {
  messageBytesMax: 4 * 1024 * 1024,
  writeBufferBytesMax: 64 * 1024,
  closeMsMax: 500,
  connectMsMax: 2_000,
  sessionsMax: 2,
  streamsMax: 50,
  idleMsMax: 60_000,
  pingMs: 20_000,
};

export interface GrpcGateway extends AsyncDisposable {
  readonly port: number;
  readonly sweep: Sweep;
  readonly sessions: Http2Sessions;
  readonly relays: readonly GrpcRelay[];
  /** How the calls ended, in the order of their ends. */
  readonly ends: readonly GrpcEnd[];
  /** The next call to end. */
  readonly nextEnd: () => Promise<GrpcEnd>;
}

export async function startGrpcGateway(
  targetPort: number,
  own: Partial<typeof limits> = {},
): Promise<GrpcGateway> {
  const sweep = new Sweep();
  const all = { ...limits, ...own };
  const sessions = new Http2Sessions({
    connect: () => dialPlain(targetPort),
    limits: all,
    sweep,
  });
  const relays: GrpcRelay[] = [];
  const ends: GrpcEnd[] = [];
  const open = new Set<ServerHttp2Session>();
  let wake = Promise.withResolvers<undefined>();

  const serve = async (
    caller: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    raw: readonly string[],
  ): Promise<void> => {
    const timeout = headers['grpc-timeout'];
    if (grpcPath(headers[':path'] ?? '')?.method === 'Denied') {
      return refuseGrpc(caller, { status: 7, message: 'rule says: 100 % no ✋' });
    }
    const head = [...raw];
    const target = await sessions.request({
      head,
      endStream: false,
      signal: AbortSignal.timeout(2_000),
    });
    const timeoutMs = typeof timeout === 'string' ? grpcTimeoutMs(timeout) : undefined;
    const relay = new GrpcRelay({ caller, target, timeoutMs, limits: all });
    relays.push(relay);
    ends.push(await relay.closed);
    wake.resolve(undefined);
    wake = Promise.withResolvers();
  };

  const server = createServer();
  server.on('session', (session) => {
    open.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers, _flags, raw) => {
    stream.on('error', () => undefined);
    serve(stream, headers, raw).catch((error: unknown) => {
      refuseGrpc(stream, { status: 14, message: String(error) });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let seen = 0;
  return {
    port: (server.address() as AddressInfo).port,
    ...{ sweep, sessions, relays, ends },
    nextEnd: async () => {
      while (ends.length <= seen) await wake.promise;
      seen += 1;
      return ends[seen - 1] ?? { kind: 'lost' };
    },
    [Symbol.asyncDispose]: async () => {
      sessions.destroy();
      for (const session of open) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

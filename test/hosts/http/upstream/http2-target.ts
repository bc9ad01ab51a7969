// A target of the tests that speaks plaintext HTTP/2, and a handler that tells what it was told.

import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

import type { Dispatcher } from 'undici';

import {
  Http2Sessions,
  observeEnd,
  respondHttp2,
  Sweep,
} from '../../../../hosts/http/streams/index.ts';
import { dispatchHttp2 } from '../../../../hosts/http/upstream/http2-dispatch.ts';
import type { UpstreamRequest } from '../../../../hosts/http/upstream/upstream-request.ts';
import { eventually } from '../../../support/eventually.ts';
import { limits } from '../streams/grpc-gateway.ts';
import { dialPlain } from '../streams/websocket-gateway.ts';

/** What a request looked like to the target, once that is over. */
interface Arrived {
  readonly path: string;
  readonly bytes: number;
  readonly isWhole: boolean;
}

export interface Target extends AsyncDisposable {
  readonly sessions: Http2Sessions;
  readonly open: Set<ServerHttp2Session>;
  readonly arrived: readonly Arrived[];
  readonly streams: readonly ServerHttp2Stream[];
  readonly nextArrived: () => Promise<Arrived>;
}

export type Answer = (stream: ServerHttp2Stream, path: string) => void;

export async function startTarget(answer: Answer, streamsMax = 100): Promise<Target> {
  const open = new Set<ServerHttp2Session>();
  const arrived: Arrived[] = [];
  const streams: ServerHttp2Stream[] = [];
  let wake = Promise.withResolvers<undefined>();
  const server = createServer({ settings: { maxConcurrentStreams: streamsMax } });
  server.on('session', (session) => {
    open.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, { ':path': path = '' }) => {
    streams.push(stream);
    let bytes = 0;
    const end = observeEnd(stream);
    stream.on('error', () => undefined);
    if (path !== '/unread') stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
    stream.once('close', () => {
      arrived.push({ path, bytes, isWhole: end.isClean });
      wake.resolve(undefined);
      wake = Promise.withResolvers();
    });
    answer(stream, path);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connect = () => dialPlain(port);
  const sessions = new Http2Sessions({
    connect,
    limits: { ...limits, sessionsMax: 1 },
    sweep: new Sweep(),
  });
  let seen = 0;
  return {
    ...{ sessions, open, arrived, streams },
    nextArrived: async () => {
      while (arrived.length <= seen) await wake.promise;
      seen += 1;
      const next = arrived[seen - 1];
      if (next === undefined) throw new Error('nothing arrived');
      return next;
    },
    [Symbol.asyncDispose]: async () => {
      sessions.destroy();
      for (const session of open) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface Told extends Dispatcher.DispatchHandler {
  readonly controller: () => Dispatcher.DispatchController | undefined;
  readonly begun: Promise<number>;
  /** `whole`, or the message of the error. */
  readonly over: Promise<string>;
  readonly body: () => Buffer;
  readonly calls: string[];
}

export function listener(own: Partial<Dispatcher.DispatchHandler> = {}): Told {
  const begun = Promise.withResolvers<number>();
  const over = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const calls: string[] = [];
  let controller: Dispatcher.DispatchController | undefined;
  return {
    ...{ calls, begun: begun.promise, over: over.promise },
    controller: () => controller,
    body: () => Buffer.concat(chunks),
    onRequestStart: (given) => {
      controller = given;
      calls.push('start');
    },
    onResponseStart: (_controller, status) => {
      calls.push(`head ${status}`);
      begun.resolve(status);
    },
    onResponseData: (_controller, chunk) => chunks.push(chunk),
    onResponseEnd: () => {
      calls.push('end');
      over.resolve('whole');
    },
    onResponseError: (_controller, error) => {
      calls.push('error');
      over.resolve(error.message);
    },
    ...own,
  };
}

export const get = (path: string): UpstreamRequest => ({
  method: 'GET',
  path,
  headers: ['host', 'target.test', 'x-a', '1', 'x-a', '2'],
  body: null,
});

export const post = (path: string, body: UpstreamRequest['body']): UpstreamRequest => ({
  ...get(path),
  method: 'POST',
  body,
});

export function ask(
  { sessions }: Target,
  request: UpstreamRequest,
  own: { readonly handler?: Told; readonly headMsMax?: number; readonly idleMsMax?: number } = {},
): Told {
  const { handler = listener(), headMsMax = 5_000, idleMsMax = 5_000 } = own;
  dispatchHttp2(request, handler, { sessions, scheme: 'https', headMsMax, idleMsMax });
  return handler;
}

export const echo: Answer = (stream) => {
  respondHttp2(stream, [':status', '200', 'x-b', '1', 'x-b', '2']);
  stream.pipe(stream);
};
export const silent: Answer = () => undefined;

export const reached = ({ streams }: Target): Promise<void> =>
  eventually('a request reaches the target', () => Promise.resolve(streams.length > 0));

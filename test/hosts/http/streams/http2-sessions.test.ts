import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import {
  Http2Sessions,
  observeEnd,
  resetStream,
  respondHttp2,
  Sweep,
} from '../../../../hosts/http/streams/index.ts';
import { responseHead } from '../../../../hosts/http/streams/http2-response.ts';
import { limits } from './grpc-gateway.ts';
import { dialPlain } from './websocket-gateway.ts';

interface Target extends AsyncDisposable {
  readonly port: number;
  readonly server: Http2Server;
  readonly open: readonly ServerHttp2Session[];
  readonly streams: readonly ServerHttp2Stream[];
  readonly sessions: Http2Sessions;
  readonly sweep: Sweep;
  readonly request: (path: string, patienceMs?: number) => Promise<string>;
}

async function startTarget(
  answer: (stream: ServerHttp2Stream, path: string) => void,
  options: { readonly streamsMax?: number; readonly own?: Partial<typeof limits> } = {},
): Promise<Target> {
  const open: ServerHttp2Session[] = [];
  const streams: ServerHttp2Stream[] = [];
  const server = createServer({ settings: { maxConcurrentStreams: options.streamsMax ?? 100 } });
  server.on('session', (session) => {
    open.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    streams.push(stream);
    answer(stream, headers[':path'] ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sweep = new Sweep();
  const sessions = new Http2Sessions({
    connect: () => dialPlain(port),
    limits: { ...limits, ...options.own },
    sweep,
  });
  const request = async (path: string, patienceMs = 5_000): Promise<string> => {
    const head = [':method', 'GET', ':scheme', 'https', ':authority', 't', ':path', path];
    const signal = AbortSignal.timeout(patienceMs);
    const stream = await sessions.request({ head, endStream: true, signal });
    stream.on('error', () => undefined);
    const end = observeEnd(stream);
    const { status } = await responseHead(stream);
    let body = '';
    stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
    await new Promise((resolve) => stream.once('close', resolve));
    return `${status} ${body} ${end.isClean ? 'whole' : 'cut'}`;
  };
  return {
    ...{ port, server, open, streams, sessions, sweep, request },
    [Symbol.asyncDispose]: async () => {
      sessions.destroy();
      for (const session of open) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const echo = (stream: ServerHttp2Stream, path: string): void => {
  stream.respond({ ':status': 200 });
  stream.end(path);
};

describe('HTTP/2 connections to a target', () => {
  it('are opened when needed and shared', async () => {
    await using target = await startTarget(echo);
    expect(target.open.length).toBe(0);
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => target.request(path)));
    expect(answers).toEqual(['200 /a whole', '200 /b whole', '200 /c whole']);
    expect(target.open.length).toBe(1);
  });

  it('carry as many streams as the target allows; the next waits for one to end', async () => {
    const held: ServerHttp2Stream[] = [];
    const both = Promise.withResolvers<undefined>();
    await using target = await startTarget(
      (stream) => {
        held.push(stream);
        if (held.length === 2) both.resolve(undefined);
      },
      { streamsMax: 1 },
    );
    const pending = ['/1', '/2', '/3'].map((path) => target.request(path));
    await both.promise;
    expect([target.open.length, held.length]).toEqual([2, 2]);
    const third = once(target.server, 'stream');
    for (const stream of held) echo(stream, 'x');
    const [stream] = (await third) as [ServerHttp2Stream];
    echo(stream, 'x');
    expect(await Promise.all(pending)).toEqual(Array(3).fill('200 x whole'));
    expect(target.open.length).toBe(2);
  });

  it('give up on a request for which no stream becomes free', async () => {
    await using target = await startTarget(() => undefined, {
      streamsMax: 1,
      own: { sessionsMax: 1 },
    });
    const first = target.request('/1');
    await once(target.server, 'stream');
    await expect(target.request('/2', 100)).rejects.toMatchObject({ code: 'upstream-unreachable' });
    for (const session of target.open) session.destroy();
    await expect(first).rejects.toMatchObject({ code: 'upstream-broken' });
  });

  it('are replaced after a GOAWAY, while streams on the old one end', async () => {
    const held = Promise.withResolvers<ServerHttp2Stream>();
    await using target = await startTarget((stream, path) => {
      if (path === '/held') held.resolve(stream);
      else echo(stream, path);
    });
    const first = target.request('/held');
    const stream = await held.promise;
    stream.session?.goaway(0, stream.id ?? 0);
    await new Promise<void>((resolve) => stream.session?.ping(Buffer.alloc(8), () => resolve()));
    expect(await target.request('/next')).toBe('200 /next whole');
    expect(target.open.length).toBe(2);
    echo(stream, 'late');
    expect(await first).toBe('200 late whole');
    expect(target.sessions.size).toBe(1);
  });

  it('are opened again when the target has closed them', async () => {
    await using target = await startTarget(echo);
    expect(await target.request('/a')).toBe('200 /a whole');
    const closed = once(target.open[0]!, 'close');
    target.open[0]?.destroy();
    await closed;
    while (target.sessions.size > 0) await new Promise(setImmediate);
    expect(await target.request('/b')).toBe('200 /b whole');
  });

  it('are closed when idle, and given up when they answer no ping', async () => {
    await using target = await startTarget((stream, path) => {
      if (path !== '/held') echo(stream, path);
    });
    await target.request('/a');
    target.sweep.run(performance.now() + limits.idleMsMax);
    while (target.sessions.size > 0) await new Promise(setImmediate);
    const held = target.request('/held');
    await once(target.server, 'stream');
    const start = performance.now();
    target.sweep.run(start + limits.pingMs);
    target.sweep.run(start + 2 * limits.pingMs + 1);
    await expect(held).rejects.toMatchObject({ code: 'upstream-broken' });
  });

  it.each([
    ['closes at once', ''],
    ['speaks HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('are refused to a target that %s', async (_, greeting) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(greeting);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sessions = new Http2Sessions({
      connect: () => dialPlain(port),
      limits,
      sweep: new Sweep(),
    });
    const signal = AbortSignal.timeout(5_000);
    await expect(sessions.request({ head: [], endStream: true, signal })).rejects.toMatchObject({
      code: 'upstream-broken',
    });
    expect(sessions.size).toBe(0);
    server.close();
  });
});

describe('the end of an answer', () => {
  it.each<[string, (stream: ServerHttp2Stream) => void, string]>([
    ['END_STREAM', (stream) => stream.end('body'), '200 body whole'],
    [
      'a reset without an error',
      (stream) => stream.write('body', () => setImmediate(() => resetStream(stream, 0))),
      '200 body cut',
    ],
    [
      'a reset with CANCEL',
      (stream) => stream.write('body', () => setImmediate(() => resetStream(stream, 8))),
      '200 body cut',
    ],
    [
      'the end of the connection',
      (stream) => stream.write('body', () => setImmediate(() => stream.session?.destroy())),
      '200 body cut',
    ],
  ])('by %s is told from the others', async (_, finish, told) => {
    await using target = await startTarget((stream) => {
      respondHttp2(stream, [':status', '200']);
      finish(stream);
    });
    expect(await target.request('/')).toBe(told);
  });
});

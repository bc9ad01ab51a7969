// Peers that other people wrote, on both ends of the relay: ws, and the WebSocket that Node brings (undici).

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { WebSocket as WsClient, WebSocketServer } from 'ws';
import type { RawData } from 'ws';
import { startWebSocketGateway } from './websocket-gateway.ts';
import type { GatewayOptions } from './websocket-gateway.ts';

interface Echo extends AsyncDisposable {
  readonly port: number;
  readonly closes: readonly [code: number, reason: string][];
}

/** Echoes; offers compression, which the relay must not let through. */
async function startEcho(): Promise<Echo> {
  const closes: [number, string][] = [];
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: true,
    handleProtocols: (asked) => (asked.has('superchat') ? 'superchat' : false),
  });
  server.on('connection', (socket) => {
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
    socket.on('close', (code, reason) => closes.push([code, reason.toString()]));
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    closes,
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

const text = (data: RawData): string => (data as Buffer).toString();

async function opened(url: string, protocols: readonly string[] = []): Promise<WsClient> {
  const client = new WsClient(url, [...protocols], { perMessageDeflate: true });
  await once(client, 'open');
  return client;
}

const modes: readonly [string, Omit<GatewayOptions, 'targetPort'>][] = [
  ['in pieces', {}],
  ['judged', { judge: () => Promise.resolve({ kind: 'forward' }) }],
];

describe.each(modes)('ws on both ends, messages %s', (_, options) => {
  it('echoes texts and binaries of all lengths of length', async () => {
    await using echo = await startEcho();
    await using gateway = await startWebSocketGateway({ targetPort: echo.port, ...options });
    const client = await opened(gateway.url, ['chat', 'superchat']);
    expect(client.protocol).toBe('superchat');
    expect(client.extensions).toBe('');
    for (const bytes of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
      const sent = Buffer.from(Array.from({ length: bytes }, (__, at) => at % 251));
      client.send(sent);
      const [received, isBinary] = (await once(client, 'message')) as [Buffer, boolean];
      expect(isBinary && received.equals(sent)).toBe(true);
      client.send('ä'.repeat(bytes / 2));
      const [answer] = (await once(client, 'message')) as [Buffer];
      expect(answer.toString() === 'ä'.repeat(bytes / 2)).toBe(true);
    }
    client.close(4000, 'done');
    await once(client, 'close');
    expect(await gateway.ended).toEqual({ kind: 'closed', by: 'caller', code: 4000 });
    expect(echo.closes).toEqual([[4000, 'done']]);
  });

  it('carries fragments with pings between them', async () => {
    await using echo = await startEcho();
    await using gateway = await startWebSocketGateway({ targetPort: echo.port, ...options });
    const client = await opened(gateway.url);
    client.send('one ', { fin: false });
    client.ping('now');
    client.send('two', { fin: true });
    const [[pong], [message]] = (await Promise.all([
      once(client, 'pong'),
      once(client, 'message'),
    ])) as [[Buffer], [Buffer]];
    expect([pong.toString(), text(message)]).toEqual(['now', 'one two']);
    client.terminate();
    expect(await gateway.ended).toEqual({ kind: 'vanished', by: 'caller' });
  });
});

describe("Node's own WebSocket", () => {
  it('echoes through the relay and closes cleanly', async () => {
    await using echo = await startEcho();
    await using gateway = await startWebSocketGateway({ targetPort: echo.port });
    const client = new WebSocket(gateway.url, ['superchat']);
    await once(client, 'open');
    client.send('hello');
    const [message] = (await once(client, 'message')) as [MessageEvent];
    expect(message.data).toBe('hello');
    client.close(3001, 'bye');
    const [close] = (await once(client, 'close')) as [CloseEvent];
    expect([close.code, close.reason, close.wasClean]).toEqual([3001, 'bye', true]);
  });

  it('is told that the gateway stops', async () => {
    await using echo = await startEcho();
    await using gateway = await startWebSocketGateway({ targetPort: echo.port });
    const client = new WebSocket(gateway.url);
    await once(client, 'open');
    const closed = once(client, 'close') as Promise<[CloseEvent]>;
    await gateway.relays[0]?.end(1012, 'restart');
    const [close] = await closed;
    expect([close.code, close.reason]).toEqual([1012, 'restart']);
    expect(echo.closes).toEqual([[1012, 'restart']]);
  });
});

/** A target that answers any upgrade with these bytes. */
async function startAnswering(answer: string): Promise<{ port: number; close: () => void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(answer, 'latin1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

describe('an upgrade that the target does not prove', () => {
  it.each([
    [
      'a wrong accept key',
      'HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x05hello',
      502,
    ],
    ['another status', 'HTTP/1.1 403 Forbidden\r\nSet-Cookie: a=b\r\n\r\nsecret', 403],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 502],
  ])('is refused: %s', async (_, answer, status) => {
    const target = await startAnswering(answer);
    await using gateway = await startWebSocketGateway({ targetPort: target.port });
    const client = new WsClient(gateway.url);
    const [, response] = (await once(client, 'unexpected-response')) as [
      unknown,
      { readonly statusCode: number; readonly rawHeaders: readonly string[] },
    ];
    expect(response.statusCode).toBe(status);
    expect(response.rawHeaders.join()).not.toContain('a=b');
    expect(gateway.relays).toEqual([]);
    client.on('error', () => undefined);
    client.terminate();
    target.close();
  });
});

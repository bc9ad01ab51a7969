// A gateway of nothing but the relay: for peers that speak WebSocket by themselves.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Sweep, upgradeUpstream, WebSocketRelay } from '../../../../hosts/http/streams/index.ts';
import type {
  MessageFacts,
  WebSocketEnd,
  WebSocketLimits,
  WebSocketRelayOptions,
} from '../../../../hosts/http/streams/index.ts';
import { encodeUpgradeResponse } from '../../../../hosts/http/wire/websocket/index.ts';

export const limits: WebSocketLimits = {
  messageBytesMax: 1024 * 1024,
  writeBufferBytesMax: 64 * 1024,
  pingMs: 30_000,
  silenceMsMax: 60_000,
  closeMsMax: 4_000,
};

export interface GatewayOptions extends Partial<
  Pick<WebSocketRelayOptions, 'judge' | 'mask' | 'record' | 'limits'>
> {
  readonly targetPort: number;
}

export interface WebSocketGateway extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly sweep: Sweep;
  readonly recorded: readonly MessageFacts[];
  readonly relays: readonly WebSocketRelay[];
  /** Of the first relay. */
  readonly ended: Promise<WebSocketEnd>;
}

export async function dialPlain(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

export function requestHead(key: string, protocols: readonly string[] = []): Buffer {
  const lines = [
    'GET /chat HTTP/1.1',
    'Host: target.test',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    ...(protocols.length === 0 ? [] : [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

export async function startWebSocketGateway(options: GatewayOptions): Promise<WebSocketGateway> {
  const { targetPort, ...own } = options;
  const sweep = new Sweep();
  const recorded: MessageFacts[] = [];
  const relays: WebSocketRelay[] = [];
  const ended = Promise.withResolvers<WebSocketEnd>();

  const serve = async (request: IncomingMessage, caller: Duplex, callerHead: Buffer) => {
    const asked = request.headers['sec-websocket-protocol']?.split(/, */) ?? [];
    const key = randomBytes(16).toString('base64');
    const outcome = await upgradeUpstream({
      key,
      protocols: asked,
      head: requestHead(key, asked),
      headBytesMax: 16 * 1024,
      connect: () => dialPlain(targetPort),
      signal: AbortSignal.timeout(5_000),
    });
    if (outcome.kind === 'declined') {
      caller.end(`HTTP/1.1 ${outcome.status} x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const { protocol, socket: target, head: targetHead } = outcome;
    caller.write(
      encodeUpgradeResponse({ key: request.headers['sec-websocket-key'] ?? '', protocol }),
    );
    const relay = new WebSocketRelay({
      ...{ caller, target, callerHead, targetHead, limits, sweep },
      record: (facts) => {
        recorded.push(facts);
      },
      ...own,
    });
    relays.push(relay);
    void relay.closed.then(ended.resolve);
  };

  const server = createServer();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    serve(request, socket, head).catch(() => {
      socket.end('HTTP/1.1 502 x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/chat`,
    ...{ port, sweep, recorded, relays, ended: ended.promise },
    [Symbol.asyncDispose]: async () => {
      const closing = relays.map((relay) => relay.end(1012, 'over'));
      sweep.run(performance.now() + 60_000);
      await Promise.all(closing);
      server.closeAllConnections();
      server.close();
    },
  };
}

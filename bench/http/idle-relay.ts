// The process whose memory is measured: accepts, dials the target, relays. Told what to do by its parent.

import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  createServer as createTlsServer,
} from 'node:tls';
import { Sweep, WebSocketRelay } from '../../hosts/http/streams/index.ts';

export interface RelayOrder {
  readonly targetPort: number;
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string } | null;
}

const limits = {
  messageBytesMax: 1024 * 1024,
  writeBufferBytesMax: 256 * 1024,
  pingMs: 600_000,
  silenceMsMax: 1_200_000,
  closeMsMax: 4_000,
};
const nothing = Buffer.alloc(0);

function serve({ targetPort, tls }: RelayOrder): void {
  const sweep = new Sweep();
  // One for all: a context with its store of authorities costs more than everything else of a connection.
  const secureContext = tls === null ? undefined : createSecureContext({ ca: tls.ca });
  const address = { port: targetPort, host: '127.0.0.1' };
  const dial = (): Socket =>
    secureContext === undefined
      ? connect(address)
      : connectTls({ ...address, servername: 'localhost', secureContext });
  const onCaller = (caller: Socket): void => {
    const record = (): void => undefined;
    const sockets = { caller, target: dial(), callerHead: nothing, targetHead: nothing };
    const relay = new WebSocketRelay({ ...sockets, record, limits, sweep });
    void relay.closed;
  };
  const server = tls === null ? createServer(onCaller) : createTlsServer(tls, onCaller);
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, () => {
    process.send?.((server.address() as AddressInfo).port);
  });
}

process.on('message', (message) => {
  if (message !== 'usage') return serve(message as RelayOrder);
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ rss, heapUsed });
});

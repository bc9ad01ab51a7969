// Clients that hold what they got for as long as they are let: they never finish, and never leave by themselves.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

export const slownesses = ['handshake', 'idle', 'head', 'body', 'reader'] as const;
/** What is never finished: the TLS handshake, the first byte, the head, the body, reading the answer. */
export type Slowness = (typeof slownesses)[number];

export interface SlowOptions {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  /** `Host` and whatever identifies the caller. */
  readonly headers: Readonly<Record<string, string>>;
  /** Paths that take a body and that have a large answer. */
  readonly upload: string;
  readonly large: string;
  /** Between two bytes of one client. */
  readonly everyMs: number;
}

export interface SlowClient {
  readonly kind: Slowness;
  /** Resolves with the milliseconds after which the other side closed the connection. */
  readonly cut: Promise<number>;
  /** What was answered so far; nothing for readers before `readOn`. */
  readonly answer: () => string;
  /** For readers, which cannot see that they were cut: begins to read. */
  readonly readOn: () => void;
  readonly leave: () => void;
}

/** Resolves when the connection stands and the first bytes are on their way. */
export async function startSlowClient(kind: Slowness, options: SlowOptions): Promise<SlowClient> {
  const started = Date.now();
  const socket = await connected(kind, options);
  const received: Buffer[] = [];
  if (kind !== 'reader') socket.on('data', (chunk: Buffer) => received.push(chunk));
  const drip = setInterval(() => {
    if (kind === 'head') socket.write('a');
    if (kind === 'body') socket.write('b');
  }, options.everyMs);
  socket.write(opening(kind, options));
  // No `once`, for which an error is the end: that of a byte which was on its way to a socket just closed.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const cut = closed.then(() => {
    clearInterval(drip);
    return Date.now() - started;
  });
  return {
    kind,
    cut,
    answer: () => Buffer.concat(received).toString('latin1'),
    readOn: () => socket.on('data', (chunk: Buffer) => received.push(chunk)),
    leave: () => socket.destroy(),
  };
}

/** `count` clients, of each kind in turn. */
export async function startSlowClients(
  count: number,
  kinds: readonly Slowness[],
  options: SlowOptions,
): Promise<AsyncDisposable & { readonly all: readonly SlowClient[] }> {
  const all: SlowClient[] = [];
  for (let index = 0; index < count; index += 1) {
    all.push(await startSlowClient(kinds[index % kinds.length] ?? 'head', options));
  }
  return {
    all,
    [Symbol.asyncDispose]: async () => {
      for (const client of all) client.leave();
      await Promise.all(all.map(({ cut }) => cut));
    },
  };
}

async function connected(kind: Slowness, { port, ca }: SlowOptions): Promise<Socket> {
  const socket =
    kind === 'handshake'
      ? connect(port, '127.0.0.1')
      : connectTls({ port, host: '127.0.0.1', ca, servername: 'localhost' });
  // Being cut off, however rudely, is what these clients are for: `close` tells.
  socket.on('error', () => undefined);
  await once(socket, kind === 'handshake' ? 'connect' : 'secureConnect');
  return socket;
}

function opening(kind: Slowness, { headers, upload, large }: SlowOptions): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = (start: string): string => `${start} HTTP/1.1\r\n${lines.join('')}`;
  switch (kind) {
    case 'handshake':
      // The header of a TLS record whose 512 bytes do not come (RFC 8446 §5.1).
      return Buffer.of(0x16, 0x03, 0x01, 0x02, 0x00);
    case 'idle':
      return Buffer.alloc(0);
    case 'head':
      return Buffer.from(`${head(`GET ${large}`)}X-Slow: `);
    case 'body':
      return Buffer.from(`${head(`POST ${upload}`)}Content-Length: 1000000\r\n\r\n`);
    case 'reader':
      return Buffer.from(`${head(`GET ${large}`)}\r\n`);
  }
}

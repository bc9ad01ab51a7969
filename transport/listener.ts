// Accepts TCP connections, bounds how many are open, and drains them when told to stop.

import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Address } from './address.ts';
import { formatAddress } from './address.ts';
import type { ConnectionSlots } from './connection-slots.ts';
import { thrownMessage } from './thrown.ts';
import type { OnEvent } from './event.ts';

const keepAliveMs = 60_000;
/** For a session that is over to flush its last words, and for a refusal to be said. */
const lingerMs = 5_000;
/** Connections over the limit that are being told so; more are closed without a word. */
const refusalsMax = 64;
const acceptLogMs = 1_000;

export interface ListenerOptions {
  readonly address: Address;
  readonly slots: ConnectionSlots;
  /**
   * One connection's life; it owns the socket and ends it. `draining` aborts when the listener wants
   * sessions to end at their next quiet moment.
   */
  readonly onConnection: (socket: Socket, draining: AbortSignal) => Promise<void>;
  /** Says natively that there are too many connections. */
  readonly onRefused: (socket: Socket) => Promise<void>;
  readonly onEvent: OnEvent;
}

export interface DrainOutcome {
  /** Connections that ended by themselves. */
  readonly ended: number;
  /** Connections that were cut when the time was over. */
  readonly cut: number;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #draining = new AbortController();
  readonly #open = new Map<Socket, Promise<void>>();
  #refusals = 0;
  #acceptLoggedAt = -Infinity;

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
    });
  }

  /** Resolves when connections are accepted; rejects when the address cannot be bound. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    const server = listener.#server;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    server.once('error', reject);
    server.listen({ ...options.address }, () => resolve(undefined));
    await promise;
    server.off('error', reject);
    server.on('error', (error: NodeJS.ErrnoException) => listener.#acceptFailed(error));
    server.on('connection', (socket) => listener.#accept(socket));
    options.onEvent('listening', { address: formatAddress(listener.address()) });
    return listener;
  }

  /** Where it really listens: the port is never 0. */
  address(): Address {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return this.#options.address;
    return { host: address.address, port: address.port };
  }

  get openConnections(): number {
    return this.#open.size;
  }

  /** Stops accepting; open connections are left alone. */
  close(): void {
    if (this.#server.listening) this.#server.close();
  }

  /** Stops accepting, asks sessions to end, waits for them, and cuts what is left after the time. */
  async drain(timeoutMs: number): Promise<DrainOutcome> {
    this.close();
    this.#draining.abort();
    const before = this.#open.size;
    const over = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => over.resolve(undefined), timeoutMs);
    await Promise.race([Promise.all(this.#open.values()), over.promise]);
    clearTimeout(timer);
    const cut = this.#open.size;
    for (const socket of this.#open.keys()) socket.destroy();
    await Promise.all(this.#open.values());
    return { ended: before - cut, cut };
  }

  #accept(socket: Socket): void {
    // Whoever reads the socket sees its errors too; unheard they would end the process.
    socket.on('error', () => undefined);
    const release = this.#options.slots.take();
    if (release === null) {
      this.#refuse(socket);
      return;
    }
    const life = this.#live(socket).finally(() => {
      release();
      this.#open.delete(socket);
    });
    this.#open.set(socket, life);
  }

  /** From accept until both the session is over and the socket is closed; never rejects. */
  async #live(socket: Socket): Promise<void> {
    const closed = new Promise((resolve) => socket.once('close', resolve));
    try {
      await this.#options.onConnection(socket, this.#draining.signal);
    } catch (error) {
      this.#options.onEvent('session-failed', { error: thrownMessage(error) });
      socket.destroy();
    }
    await linger(socket, closed);
  }

  #refuse(socket: Socket): void {
    this.#options.onEvent('connection-refused', { connections: this.#options.slots.taken });
    if (this.#refusals >= refusalsMax) {
      socket.destroy();
      return;
    }
    this.#refusals += 1;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    void closed.then(() => (this.#refusals -= 1));
    void linger(socket, closed);
    this.#options.onRefused(socket).catch(() => socket.destroy());
  }

  /** Running out of file descriptors must not stop the sessions that live, nor fill the log. */
  #acceptFailed(error: NodeJS.ErrnoException): void {
    const now = performance.now();
    if (now - this.#acceptLoggedAt < acceptLogMs) return;
    this.#acceptLoggedAt = now;
    this.#options.onEvent('accept-failed', { code: error.code ?? 'unknown' });
  }
}

async function linger(socket: Socket, closed: Promise<unknown>): Promise<void> {
  if (socket.closed) return;
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  await closed;
  clearTimeout(timer);
}

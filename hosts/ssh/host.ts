// The SSH host: accepts, keeps its connections, drains.

import type { Socket } from 'node:net';

import type { Config, Engine, OperatorLog } from '#engine';
import type { Address, ConnectionSlots } from '#transport';
import { Listener, parseAddress } from '#transport';

import { SshConnection } from './connection.ts';
import { readHostKeys } from './host-key-files.ts';
import type { HostKeys } from './guard/index.ts';
import type { SshServices } from './services.ts';
import { Targets } from './upstream/index.ts';

export interface SshHostOptions {
  readonly engine: Engine;
  readonly config: Config;
  /** `address:port` */
  readonly listen: string;
  readonly slots: ConnectionSlots;
  readonly log: OperatorLog;
}

export class SshHost {
  readonly #services: SshServices;
  readonly #hostKeys: HostKeys;
  readonly #connections = new Set<SshConnection>();
  #listener: Listener | undefined;

  private constructor({ engine, config, log }: SshHostOptions) {
    this.#services = { engine, limits: engine.limits, targets: new Targets(config, Date.now), log };
    this.#hostKeys = readHostKeys(config);
    engine.authenticator.events.on('revoked', (credentials) => {
      for (const connection of this.#connections) {
        const { credential } = connection;
        if (credential === undefined || !credentials.has(credential)) continue;
        connection.terminate('revoked', 'the credential was revoked');
      }
    });
  }

  /** @throws ConfigError when keys, secrets or the address are wrong; the system's error if it is in use. */
  static async start(options: SshHostOptions): Promise<SshHost> {
    const { listen, slots, log } = options;
    const host = new SshHost(options);
    host.#listener = await Listener.open({
      address: parseAddress(listen),
      slots,
      onConnection: (socket, draining) => host.#serve(socket, draining),
      onRefused: (socket) => {
        socket.destroy();
        return Promise.resolve();
      },
      onEvent: log,
    });
    return host;
  }

  /** Where it really listens. */
  get address(): Address {
    if (this.#listener === undefined) throw new Error('the host is not started');
    return this.#listener.address();
  }

  /** Stops accepting, lets connections end, cuts the rest when the time is over. */
  async drain(): Promise<void> {
    await this.#listener?.drain(this.#services.limits.drainSecondsMax * 1000);
  }

  /** Ends everything now. */
  async close(): Promise<void> {
    await this.#listener?.drain(0);
  }

  async #serve(socket: Socket, draining: AbortSignal): Promise<void> {
    const connection = new SshConnection({
      services: this.#services,
      socket,
      hostKeys: this.#hostKeys,
    });
    this.#connections.add(connection);
    const drain = (): void => {
      connection.drain();
    };
    draining.addEventListener('abort', drain);
    if (draining.aborted) drain();
    await connection.ended;
    draining.removeEventListener('abort', drain);
    this.#connections.delete(connection);
  }
}

// The SSH host: accepts, keeps its connections, drains.

import type { Socket } from 'node:net';

import type { Config, Engine, OperatorLog } from '#engine';
import { errorFields, readSecret } from '#engine';
import { IssuerFetch } from '#engine/identity';
import type { Address, ConnectionSlots } from '#transport';
import { Listener, parseAddress } from '#transport';

import { SshConnection } from './connection.ts';
import { readHostKeys } from './host-key-files.ts';
import type { HostKeys } from './guard/index.ts';
import { DeviceLogins } from './login/index.ts';
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
  #issuer: IssuerFetch | undefined;

  private constructor(options: SshHostOptions) {
    const { engine, config, log } = options;
    const { limits } = engine;
    const targets = new Targets(config, Date.now);
    this.#services = { engine, limits, targets, device: this.#openDevice(options), log };
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
    await this.#issuer?.close();
  }

  /** @throws ConfigError when the client's secret cannot be read. */
  #openDevice({ config, engine, log }: SshHostOptions): DeviceLogins | undefined {
    const { oidc } = config.identity;
    if (oidc?.device === undefined) return undefined;
    const { device } = oidc;
    const onFailure = (error: unknown): void => {
      log('issuer-failed', errorFields(error));
    };
    this.#issuer = new IssuerFetch({ ca: oidc.ca, onFailure, now: Date.now });
    return new DeviceLogins({
      ...{ oidc, device, onFailure, now: Date.now, fetch: this.#issuer.fetch },
      secret: device.clientSecret && readSecret(device.clientSecret),
      secondsMax: engine.limits.dialogSecondsMax,
    });
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

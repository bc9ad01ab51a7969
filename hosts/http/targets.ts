// The HTTP targets of the configuration: which one a caller addresses, and the way to it.

import { readFileSync } from 'node:fs';
import type { SecureContext } from 'node:tls';

import type { Config, HttpTargetConfig, Limits } from '#engine';
import { ConfigError } from '#engine';
import { clientContext, formatAddress } from '#transport';

import type { Sweep } from './streams/index.ts';
import type { UpstreamCredential } from './upstream/credential.ts';
import { openCredential } from './upstream/credential.ts';
import { UpstreamPools } from './upstream/pool.ts';

export interface Target {
  readonly config: HttpTargetConfig;
  readonly credential: UpstreamCredential;
  /** What the target is called as: the Host of every forwarded request. */
  readonly authority: string;
  readonly pools: UpstreamPools;
}

const defaultPorts = { verified: 443, 'insecure-plaintext': 80 } as const;

export class Targets {
  readonly #byHost = new Map<string, Target>();
  readonly #byName: ReadonlyMap<string, Target>;

  /** @throws ConfigError when a secret or authority cannot be read, or two targets claim one host. */
  constructor(config: Config, limits: Limits, sweep: Sweep) {
    const own = Array.from(config.targets.values()).filter((target) => target.kind === 'http');
    const opened = own.map((target) => open(target, limits, sweep));
    this.#byName = new Map(opened.map((target) => [target.config.name, target]));
    for (const target of opened) {
      for (const host of target.config.hosts) {
        if (this.#byHost.has(host)) {
          throw new ConfigError('config-invalid', `targets: two of them list the host ${host}`);
        }
        this.#byHost.set(host, target);
      }
    }
  }

  /** By a listed name, or by the first label of any other that has one: `billing.gateway.example`. */
  find(host: string): Target | undefined {
    const listed = this.#byHost.get(host);
    if (listed !== undefined) return listed;
    const dot = host.indexOf('.');
    return dot < 1 ? this.#byName.get(host) : this.#byName.get(host.slice(0, dot));
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#byName.values(), ({ pools }) => pools.close()));
  }
}

function open(config: HttpTargetConfig, limits: Limits, sweep: Sweep): Target {
  const { host, port, tls } = config;
  const credential = openCredential(
    `targets.${config.name}.credential`,
    config.credential,
    Date.now,
  );
  const isDefault = port === defaultPorts[tls.kind];
  return {
    config,
    credential,
    authority: isDefault
      ? formatAddress({ host, port }).replace(/:\d+$/, '')
      : formatAddress({ host, port }),
    pools: new UpstreamPools(config, { tls: contextOf(config, credential), limits, sweep }),
  };
}

function contextOf(config: HttpTargetConfig, { tls: client }: UpstreamCredential): SecureContext {
  const ca = readAuthorities(config);
  return clientContext({
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : { client }),
  });
}

function readAuthorities({ name, tls }: HttpTargetConfig): string | undefined {
  if (tls.kind !== 'verified' || tls.ca === undefined) return undefined;
  try {
    return readFileSync(tls.ca, 'utf8');
  } catch (cause) {
    throw new ConfigError('config-unreadable', `targets.${name}.tls.ca: ${tls.ca} cannot be read`, {
      cause,
    });
  }
}

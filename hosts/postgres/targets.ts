// The targets that the configuration names, with their secrets read and a catalog for each database in use.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Config, OperatorLog, PostgresTargetConfig } from '#engine';
import { ConfigError, errorFields, readSecret } from '#engine';

import { TargetCatalog, refusedPrivileges } from './catalog/index.ts';
import type { UpstreamTarget } from './upstream.ts';
import { connectUpstream } from './upstream.ts';

/** Databases of one target whose catalogs are kept: names come from clients. */
const catalogsMax = 256;

export interface Target extends UpstreamTarget {
  readonly name: string;
}

export interface TargetsOptions {
  readonly log: OperatorLog;
  /** Sessions by this catalog must end: the gateway's role has become one that is refused. */
  readonly onRefused: (catalog: TargetCatalog) => void;
}

export class Targets {
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #catalogs = new Map<string, TargetCatalog>();
  readonly #state: string;
  readonly #options: TargetsOptions;

  /** @throws ConfigError when a password or authority cannot be read. */
  constructor(config: Config, options: TargetsOptions) {
    this.#state = config.state;
    this.#options = options;
    const own = Array.from(config.targets.values()).filter((target) => target.kind === 'postgres');
    this.#targets = new Map(own.map((target) => [target.name, open(target)]));
  }

  find(name: string): Target | undefined {
    return this.#targets.get(name);
  }

  /** The catalog of a database, shared by all its sessions. */
  catalog(target: Target, database: string): TargetCatalog {
    const key = `${target.name}/${database}`;
    const known = this.#catalogs.get(key);
    if (known !== undefined) return known;
    if (this.#catalogs.size >= catalogsMax) this.#dropOldest();
    const { log, onRefused } = this.#options;
    const { credential, insecurePrivilegedRole } = target.config;
    const catalog: TargetCatalog = new TargetCatalog({
      connect: () => connectUpstream(target, database, [['application_name', 'sallyport-catalog']]),
      snapshot: catalogSnapshot(this.#state, target.name, database),
      now: () => performance.now(),
      onError: (error) => {
        log('catalog-failed', { target: target.name, database, ...errorFields(error) });
      },
      refusalOf: (privileges) =>
        insecurePrivilegedRole ? undefined : refusedPrivileges(credential.user, privileges),
      onRefused: () => {
        onRefused(catalog);
      },
    });
    this.#catalogs.set(key, catalog);
    return catalog;
  }

  /** Sessions that use it keep it; the next one reads it anew. */
  #dropOldest(): void {
    const [oldest] = this.#catalogs.keys();
    if (oldest !== undefined) this.#catalogs.delete(oldest);
  }
}

/** Where the last catalog of a database is kept for offline use. */
export function catalogSnapshot(state: string, target: string, database: string): string {
  return join(state, 'catalogs', `${target}.${encodeURIComponent(database)}.json`);
}

function open(config: PostgresTargetConfig): Target {
  const password = readSecret(config.credential.password);
  const ca = config.tls.kind === 'verified' ? readAuthorities(config) : undefined;
  return { name: config.name, config, password, ca };
}

function readAuthorities({ name, tls }: PostgresTargetConfig): string | undefined {
  if (tls.kind !== 'verified' || tls.ca === undefined) return undefined;
  try {
    return readFileSync(tls.ca, 'utf8');
  } catch (cause) {
    throw new ConfigError('config-unreadable', `targets.${name}.tls.ca: ${tls.ca} cannot be read`, {
      cause,
    });
  }
}

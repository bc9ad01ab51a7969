// sallyport.yaml → a configuration that is valid because it exists. Relative paths start at the file.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { parse } from 'yaml';

import type { Limits } from '../model/index.ts';
import { ConfigError, defaultLimits } from '../model/index.ts';
import type { SecretSource } from '../secrets/index.ts';
import { validatorOf } from './validate.ts';
import configSchema from '../../schemas/config.json' with { type: 'json' };

export interface TlsConfig {
  readonly certificate: string;
  readonly key: string;
  readonly insecureAllowPlaintext: boolean;
}

export interface PostgresTargetConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tls:
    | { readonly kind: 'verified'; readonly ca: string | undefined; readonly servername: string }
    | { readonly kind: 'insecure-plaintext' };
  readonly credential: { readonly user: string; readonly password: SecretSource };
  readonly labels: Readonly<Record<string, string>>;
}

export interface Config {
  readonly file: string;
  readonly policies: string;
  readonly state: string;
  readonly identity: { readonly tokens: string };
  readonly tls: TlsConfig;
  readonly listen: { readonly postgres: string };
  readonly targets: ReadonlyMap<string, PostgresTargetConfig>;
  readonly limits: Limits;
}

interface ConfigFile {
  readonly policies: string;
  readonly state: string;
  readonly identity: { readonly tokens: string };
  readonly tls: {
    readonly certificate: string;
    readonly key: string;
    readonly insecure_allow_plaintext?: boolean;
  };
  readonly listen: { readonly postgres: string };
  readonly targets: Readonly<Record<string, TargetFile>>;
  readonly limits?: Partial<Limits>;
}

interface TargetFile {
  readonly postgres: string;
  readonly tls?: {
    readonly ca?: string;
    readonly servername?: string;
    readonly insecure_plaintext?: boolean;
  };
  readonly credential: { readonly user: string; readonly password: SecretSource };
  readonly labels?: Readonly<Record<string, string>>;
}

const validateConfig = validatorOf(configSchema);

/** @throws ConfigError `config-unreadable` or `config-invalid`; the message names every mistake. */
export function loadConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${path}: cannot be read`, {
      hint: 'name the file with --config, or start in its directory',
      cause,
    });
  }
  const document = parseYaml(path, text);
  validateConfig(document, path);
  return fromFile(path, document as ConfigFile);
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
    throw new ConfigError('config-invalid', `${path}: is not YAML: ${detail}`, { cause });
  }
}

function fromFile(path: string, file: ConfigFile): Config {
  const absolute = (relative: string) => resolve(dirname(path), relative);
  const targets = Object.entries(file.targets).map(
    ([name, target]) =>
      [name, targetOf(`${path}: targets.${name}`, name, target, absolute)] as const,
  );
  return {
    file: resolve(path),
    policies: absolute(file.policies),
    state: absolute(file.state),
    identity: { tokens: absolute(file.identity.tokens) },
    tls: {
      certificate: absolute(file.tls.certificate),
      key: absolute(file.tls.key),
      insecureAllowPlaintext: file.tls.insecure_allow_plaintext ?? false,
    },
    listen: file.listen,
    targets: new Map(targets),
    limits: { ...defaultLimits, ...file.limits },
  };
}

type Absolute = (relative: string) => string;

function targetOf(at: string, name: string, file: TargetFile, absolute: Absolute) {
  const slash = file.postgres.lastIndexOf('/');
  const address = file.postgres.slice(0, slash);
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  if (port < 1 || port > 65535) {
    throw new ConfigError('config-invalid', `${at}.postgres: port must be 1 to 65535`);
  }
  const { password } = file.credential;
  return {
    name,
    host,
    port,
    database: file.postgres.slice(slash + 1),
    tls: targetTls(at, host, file.tls ?? {}, absolute),
    credential: {
      user: file.credential.user,
      password: 'file' in password ? { file: absolute(password.file) } : password,
    },
    labels: file.labels ?? {},
  };
}

function targetTls(
  at: string,
  host: string,
  tls: NonNullable<TargetFile['tls']>,
  absolute: Absolute,
): PostgresTargetConfig['tls'] {
  if (tls.insecure_plaintext !== true) {
    const ca = tls.ca === undefined ? undefined : absolute(tls.ca);
    return { kind: 'verified', ca, servername: tls.servername ?? host };
  }
  if (tls.ca !== undefined || tls.servername !== undefined) {
    throw new ConfigError(
      'config-invalid',
      `${at}.tls: insecure_plaintext excludes the other keys`,
    );
  }
  return { kind: 'insecure-plaintext' };
}

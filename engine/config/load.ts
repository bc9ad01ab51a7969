// sallyport.yaml → a configuration that is valid because it exists. Relative paths start at the file.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { parse } from 'yaml';

import type { Limits } from '../model/index.ts';
import { ConfigError, defaultLimits } from '../model/index.ts';
import type { IdentityConfig, IdentityFile } from './identity.ts';
import { identityOf } from './identity.ts';
import type { TargetConfig, TargetFile } from './targets.ts';
import { targetOf } from './targets.ts';
import { validatorOf } from './validate.ts';
import configSchema from '../../schemas/config.json' with { type: 'json' };

export interface TlsConfig {
  readonly certificate: string;
  readonly key: string;
  readonly insecureAllowPlaintext: boolean;
}

/** The gateway as a server of SSH. */
export interface SshConfig {
  /** Private keys by which callers know it; without any it makes one of its own in `state`. */
  readonly hostKeys: readonly string[];
}

export interface Config {
  readonly file: string;
  readonly policies: string;
  readonly state: string;
  readonly identity: IdentityConfig;
  readonly tls: TlsConfig;
  readonly listen: Listen;
  readonly ssh: SshConfig;
  readonly targets: ReadonlyMap<string, TargetConfig>;
  readonly limits: Limits;
}

/** `address:port`, by protocol. */
interface Listen {
  readonly postgres?: string;
  readonly http?: string;
  readonly ssh?: string;
}

interface ConfigFile {
  readonly policies: string;
  readonly state: string;
  readonly identity: IdentityFile;
  readonly tls: {
    readonly certificate: string;
    readonly key: string;
    readonly insecure_allow_plaintext?: boolean;
  };
  readonly listen: Listen;
  readonly ssh?: { readonly host_keys?: readonly string[] };
  readonly targets: Readonly<Record<string, TargetFile>>;
  readonly limits?: Partial<Limits>;
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
  const targets = Object.entries(file.targets).map(([name, target]) => {
    const at = `${path}: targets.${name}`;
    return [name, targetOf({ at, name, absolute }, target)] as const;
  });
  requireListeners(path, file, targets);
  return {
    file: resolve(path),
    policies: absolute(file.policies),
    state: absolute(file.state),
    identity: identityOf(path, file.identity, absolute),
    tls: {
      certificate: absolute(file.tls.certificate),
      key: absolute(file.tls.key),
      insecureAllowPlaintext: file.tls.insecure_allow_plaintext ?? false,
    },
    listen: file.listen,
    ssh: { hostKeys: (file.ssh?.host_keys ?? []).map(absolute) },
    targets: new Map(targets),
    limits: { ...defaultLimits, ...file.limits },
  };
}

/** A target that nobody can reach is a mistake of the same kind as a misspelt key. */
function requireListeners(
  path: string,
  { listen }: ConfigFile,
  targets: readonly (readonly [string, TargetConfig])[],
): void {
  const unheard = targets.filter(([, { kind }]) => listen[kind] === undefined);
  if (unheard.length === 0) return;
  const mistakes = unheard.map(
    ([name, { kind }]) => `${path}: targets.${name}: needs listen.${kind}`,
  );
  throw new ConfigError('config-invalid', mistakes.join('\n'));
}

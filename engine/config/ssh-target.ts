// `targets.NAME` with `ssh`: where a server is, by what it is known, and as whom the gateway logs in to it.

import { ConfigError } from '../model/index.ts';
import type { SecretSource } from '../secrets/index.ts';

/** How the server proves who it is. Files hold lines of public keys. */
export type SshHostTrust =
  | { readonly kind: 'keys'; readonly file: string }
  /** `name` is what a certificate of the server must be for. */
  | { readonly kind: 'authority'; readonly file: string; readonly name: string };

/** The first of the accounts is the one for callers that name none. */
export type SshCredentialConfig = { readonly users: readonly [string, ...string[]] } & (
  | { readonly kind: 'key'; readonly key: SecretSource }
  | { readonly kind: 'password'; readonly password: SecretSource }
  /** Certificates of a few minutes for one session each, signed by this key. */
  | { readonly kind: 'authority'; readonly authority: SecretSource }
);

export interface SshTargetConfig {
  readonly kind: 'ssh';
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly trust: SshHostTrust;
  readonly credential: SshCredentialConfig;
  /** Forwards may lead to the target's own loopback. */
  readonly forwardLoopback: boolean;
  /** Of what is shown on terminals only harmless sequences pass. */
  readonly terminalFilter: boolean;
  /** Of a command's output the recording has the SHA-256 of what it does not hold. */
  readonly hashOutput: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** As written; the schema holds the shapes, not which keys go together. */
export interface SshTargetFile {
  readonly ssh: string;
  readonly host_key?: string;
  readonly host_authority?: string;
  readonly host_name?: string;
  readonly credential: {
    readonly user?: string;
    readonly users?: readonly string[];
    readonly key?: SecretSource;
    readonly password?: SecretSource;
    readonly authority?: SecretSource;
  };
  readonly forward_loopback?: boolean;
  readonly terminal_filter?: boolean;
  readonly hash_output?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Place {
  readonly at: string;
  readonly name: string;
  readonly absolute: (relative: string) => string;
}

/** @throws ConfigError `config-invalid` */
export function sshTarget(place: Place, file: SshTargetFile): SshTargetConfig {
  const { at, name } = place;
  const colon = file.ssh.lastIndexOf(':');
  const host = file.ssh.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(file.ssh.slice(colon + 1));
  if (port < 1 || port > 65535) throw invalid(`${at}.ssh: port must be 1 to 65535`);
  return {
    ...{ kind: 'ssh', name, host, port },
    trust: trustOf(place, host, file),
    credential: credentialOf(place, file.credential),
    forwardLoopback: file.forward_loopback ?? false,
    terminalFilter: file.terminal_filter ?? true,
    hashOutput: file.hash_output ?? false,
    labels: file.labels ?? {},
  };
}

function trustOf({ at, absolute }: Place, host: string, file: SshTargetFile): SshHostTrust {
  const { host_key: key, host_authority: authority, host_name: name } = file;
  if (key !== undefined && authority === undefined) {
    if (name !== undefined) throw invalid(`${at}.host_name: goes with host_authority`);
    return { kind: 'keys', file: absolute(key) };
  }
  if (authority !== undefined && key === undefined) {
    return { kind: 'authority', file: absolute(authority), name: name ?? host };
  }
  throw invalid(`${at}: needs host_key or host_authority, one of them`, {
    hint: 'ssh-keyscan fetches a key, which must be compared with that on the server itself',
  });
}

function credentialOf(
  { at, absolute }: Place,
  file: SshTargetFile['credential'],
): SshCredentialConfig {
  const secret = (source: SecretSource): SecretSource =>
    'file' in source ? { file: absolute(source.file) } : source;
  const { key, password, authority } = file;
  const ways = [key, password, authority].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    throw invalid(`${at}.credential: needs key, password or authority, one of them`);
  }
  const users = usersOf(`${at}.credential`, file);
  if (key !== undefined) return { kind: 'key', users, key: secret(key) };
  if (password !== undefined) return { kind: 'password', users, password: secret(password) };
  if (authority !== undefined) return { kind: 'authority', users, authority: secret(authority) };
  throw invalid(`${at}.credential: is empty`);
}

function usersOf(
  at: string,
  { user, users = [] }: SshTargetFile['credential'],
): readonly [string, ...string[]] {
  const [first, ...others] = user === undefined ? users : [user, ...users];
  if (first === undefined || (user !== undefined && users.length > 0)) {
    throw invalid(`${at}: needs user or users, one of them`);
  }
  return [first, ...others];
}

const invalid = (message: string, fields: { readonly hint?: string } = {}): ConfigError =>
  new ConfigError('config-invalid', message, fields);

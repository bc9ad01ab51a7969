// A file that lists who is let in, followed while it changes: a wrong one changes nothing, a right one may revoke.

import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import { ConfigError } from '../model/index.ts';
import type { Authenticated, CredentialId } from './authenticated.ts';

export interface Listed extends Authenticated {
  /** From which the credential counts; from anywhere when left out. */
  readonly networks?: readonly string[] | undefined;
}

export type PrincipalTable = ReadonlyMap<CredentialId, Listed>;

export class PrincipalFile {
  readonly path: string;
  readonly #read: (path: string) => PrincipalTable;
  #table: PrincipalTable;

  /** @throws ConfigError when the file is missing or wrong */
  constructor(path: string, read: (path: string) => PrincipalTable) {
    this.path = path;
    this.#read = read;
    this.#table = read(path);
  }

  /** The same `undefined` for an unknown credential and for one that has expired at `now`. */
  find(credential: CredentialId, now: number): Listed | undefined {
    const found = this.#table.get(credential);
    if (found?.expiresAt !== undefined && found.expiresAt <= now) return undefined;
    return found;
  }

  /**
   * Reads it again; gives the credentials that stopped being valid.
   *
   * @throws ConfigError when it is wrong now; the last good table stays
   */
  reload(): ReadonlySet<CredentialId> {
    const before = this.#table;
    this.#table = this.#read(this.path);
    const revoked = new Set<CredentialId>();
    for (const [credential, { principal, networks, expiresAt }] of before) {
      const now = this.#table.get(credential);
      const terms = [now?.principal, now?.networks];
      const changed = JSON.stringify(terms) !== JSON.stringify([principal, networks]);
      // Live sessions end at the date that they began with: an earlier one must not wait for it.
      const shortened = (now?.expiresAt ?? Infinity) < (expiresAt ?? Infinity);
      if (changed || shortened) revoked.add(credential);
    }
    return revoked;
  }
}

/** @throws ConfigError `config-unreadable` or `config-invalid` */
export function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${file}: cannot be read`, { cause });
  }
  try {
    return parse(text);
  } catch (cause) {
    throw new ConfigError('config-invalid', `${file}: is not YAML`, { cause });
  }
}

/**
 * @param at file and key, for the message
 * @param expires RFC 3339
 * @throws ConfigError `config-invalid` when there is no such date
 */
export function expiryOf(at: string, expires: string | undefined): number | undefined {
  const expiresAt = expires === undefined ? undefined : Date.parse(expires);
  if (Number.isNaN(expiresAt)) {
    throw new ConfigError('config-invalid', `${at}: is no such date`);
  }
  return expiresAt;
}

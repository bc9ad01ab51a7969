// Who is calling, by what the operator configured; follows tokens.yaml while it changes.

import { EventEmitter } from 'node:events';

import type { FSWatcher } from 'chokidar';
import { watch } from 'chokidar';

import type { Authenticated, CredentialId, TokenTable } from './tokens.ts';
import { authenticate, readTokens } from './tokens.ts';

interface AuthenticatorEvents {
  /** Credentials that stopped being valid: their sessions must end. */
  revoked: [ReadonlySet<CredentialId>];
  /** The file changed and is wrong; the last good table stays. */
  rejected: [unknown];
}

export class Authenticator {
  readonly events = new EventEmitter<AuthenticatorEvents>();
  readonly #file: string;
  readonly #now: () => number;
  #table: TokenTable;
  #watcher: FSWatcher | undefined;

  /** @throws ConfigError when the tokens file is missing or wrong. */
  constructor(file: string, now: () => number) {
    this.#file = file;
    this.#now = now;
    this.#table = readTokens(file);
  }

  byToken(token: string): Authenticated | undefined {
    return authenticate(this.#table, token, this.#now());
  }

  watch(): void {
    this.#watcher = watch(this.#file, { ignoreInitial: true, atomic: true });
    this.#watcher.on('all', () => {
      this.reload();
    });
  }

  /** Reads the file again: a wrong file changes nothing, a right one may revoke credentials. */
  reload(): void {
    let table: TokenTable;
    try {
      table = readTokens(this.#file);
    } catch (error) {
      this.events.emit('rejected', error);
      return;
    }
    const before = this.#table;
    this.#table = table;
    const revoked = new Set<CredentialId>();
    for (const [credential, { principal, expiresAt }] of before) {
      const now = table.get(credential);
      const changed = JSON.stringify(now?.principal) !== JSON.stringify(principal);
      // Live sessions end at the date that they began with: an earlier one must not wait for it.
      const shortened = (now?.expiresAt ?? Infinity) < (expiresAt ?? Infinity);
      if (changed || shortened) revoked.add(credential);
    }
    if (revoked.size > 0) this.events.emit('revoked', revoked);
  }

  async close(): Promise<void> {
    await this.#watcher?.close();
  }
}

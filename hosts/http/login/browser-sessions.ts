// Who is logged in with a browser: opaque random values, known here by their hash, each good for one host.

import { createHash, randomBytes } from 'node:crypto';

import type { Authenticated, CredentialId, Principal } from '#engine';

const valueBytes = 32;
const sessionsMax = 20_000;
const ofOnePrincipalMax = 20;
const idleMs = 60 * 60 * 1000;

interface BrowserSession {
  readonly authority: string;
  readonly authenticated: Authenticated & { readonly expiresAt: number };
  usedAt: number;
}

export interface OpenedSession {
  /** The cookie's value; not kept. */
  readonly value: string;
  /** Sessions of the same principal that had to make room. */
  readonly ended: ReadonlySet<CredentialId>;
}

export class BrowserSessions {
  /** By credential, oldest first. */
  readonly #sessions = new Map<CredentialId, BrowserSession>();
  readonly #now: () => number;

  /** @param now milliseconds since the Unix epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** `undefined` when there are too many of others. */
  open(principal: Principal, authority: string, expiresAt: number): OpenedSession | undefined {
    const own = this.#sweep(principal);
    const ended = new Set(own.slice(0, Math.max(0, own.length - ofOnePrincipalMax + 1)));
    for (const credential of ended) this.#sessions.delete(credential);
    if (this.#sessions.size >= sessionsMax) return undefined;
    const value = randomBytes(valueBytes).toString('base64url');
    const credential = credentialOf(value);
    const authenticated = { principal, credential, expiresAt };
    this.#sessions.set(credential, { authority, authenticated, usedAt: this.#now() });
    return { value, ended };
  }

  /** Whose the value is; using it keeps it from falling idle. */
  find(value: string, authority: string): Authenticated | undefined {
    const session = this.#sessions.get(credentialOf(value));
    if (session?.authority !== authority) return undefined;
    if (this.#isOver(session)) return undefined;
    session.usedAt = this.#now();
    return session.authenticated;
  }

  /** What was ended: its streams must end, too. */
  end(value: string, authority: string): CredentialId | undefined {
    const credential = credentialOf(value);
    if (this.#sessions.get(credential)?.authority !== authority) return undefined;
    this.#sessions.delete(credential);
    return credential;
  }

  #isOver({ authenticated, usedAt }: BrowserSession): boolean {
    const now = this.#now();
    return authenticated.expiresAt <= now || usedAt + idleMs <= now;
  }

  /** Forgets what is over; gives what the principal has open, oldest first. */
  #sweep(principal: Principal): readonly CredentialId[] {
    const own: CredentialId[] = [];
    for (const [credential, session] of this.#sessions) {
      if (this.#isOver(session)) this.#sessions.delete(credential);
      else if (session.authenticated.principal.id === principal.id) own.push(credential);
    }
    return own;
  }
}

const credentialOf = (value: string): CredentialId =>
  `login:${createHash('sha256').update(value).digest('hex')}`;

// Who called, signed for the target: a JWT (RFC 7519, RFC 7515 compact form, ES256) in a field of its own, and the
// key set that proves it (RFC 7517).

import type { JsonWebKey, KeyObject } from 'node:crypto';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
} from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

import type { Session } from '#engine';
import { ConfigError } from '#engine';

export const assertionField = 'sallyport-assertion';

const lifetimeSeconds = 60;
/** Young enough that a target always gets one with half its life left. */
const reuseMs = 30_000;

/**
 * Whether a field is the gateway's to set. Servers that hand fields to programs as variables turn every character
 * but letters and digits into `_` (RFC 3875 §4.1.18), so all spellings that end in the same variable count.
 */
export function isReservedHeader(name: string): boolean {
  return /^(x-)?sallyport(-|$)/.test(name.toLowerCase().replace(/[^a-z0-9]/g, '-'));
}

type Subject = Pick<Session, 'id' | 'principal' | 'target'>;

export interface AssertionSignerOptions {
  /** PEM file of the P-256 key; made, for its owner only, when it is missing. */
  readonly keyFile: string;
  /** `iss`: by what name targets know this gateway. */
  readonly issuer: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

export class AssertionSigner {
  readonly #options: AssertionSignerOptions;
  readonly #key: KeyObject;
  readonly #header: string;
  /** The JWK Set document, JSON. */
  readonly keySet: string;

  /** @throws ConfigError `secret-unreadable` when the file holds no such key */
  constructor(options: AssertionSignerOptions) {
    this.#options = options;
    this.#key = readOrCreateKey(options.keyFile);
    const jwk = createPublicKey(this.#key).export({ format: 'jwk' });
    const kid = thumbprint(jwk);
    this.#header = encoded({ alg: 'ES256', typ: 'JWT', kid });
    this.keySet = JSON.stringify({ keys: [{ ...jwk, kid, alg: 'ES256', use: 'sig' }] });
  }

  /** What gives the field's value for each request of a session: requests that come close together share one. */
  forSession(subject: Subject): () => string {
    let value = '';
    let signedAt = -Infinity;
    return () => {
      const now = this.#options.now();
      // A clock that was set back must not prolong it.
      if (now < signedAt || now - signedAt >= reuseMs) {
        value = this.#sign(subject, now);
        signedAt = now;
      }
      return value;
    };
  }

  #sign({ id, principal, target }: Subject, now: number): string {
    const issuedAt = Math.floor(now / 1000);
    const claims = {
      iss: this.#options.issuer,
      sub: principal.id,
      aud: target.name,
      iat: issuedAt,
      exp: issuedAt + lifetimeSeconds,
      jti: randomUUID(),
      sid: id,
      kind: principal.kind,
      groups: principal.groups,
    };
    const text = `${this.#header}.${encoded(claims)}`;
    const key = { key: this.#key, dsaEncoding: 'ieee-p1363' } as const;
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** RFC 7638 §3: the required members in the order of their names. */
function thumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/** The key stays the same over restarts, so that targets may keep the key set. */
function readOrCreateKey(file: string): KeyObject {
  try {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(file, pem, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch (cause) {
    throw new ConfigError('secret-unreadable', `${file} holds no private key`, { cause });
  }
  throw new ConfigError('secret-unreadable', `${file} holds no P-256 key`);
}

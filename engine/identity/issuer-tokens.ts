// Bearer tokens of an issuer: signed JWTs (RFC 7519, RFC 9068, OpenID Connect Core §2), under keys that its discovery
// document leads to.

import { createHash } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';

import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose';

import type { OidcConfig } from '../config/index.ts';
import { UpstreamError } from '../model/index.ts';
import type { Authenticated } from './authenticated.ts';
import type { Confirmation } from './claims.ts';
import { confirmationOf, isConfirmed, principalOf } from './claims.ts';
import type { IssuerFetch } from './issuer-fetch.ts';

/** Signatures only by a key that the verifier cannot make them with: no `none`, no HMAC under a public key. */
export const tokenAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
const skewSeconds = 30;
const tokenCharactersMax = 16 * 1024;
const verifiedMax = 10_000;
const verifiedMs = 60_000;
/** How long keys are used without asking for them again. */
const keysMs = 600_000;
/** After a failure nothing is tried for this long, however many tokens arrive. */
const pauseMs = 5_000;
/** An unknown key id makes the issuer be asked at most this often. */
const keysPauseMs = 30_000;

interface Verified {
  readonly authenticated: Authenticated;
  readonly confirmation: Confirmation;
  readonly until: number;
}

export interface IssuerTokensOptions {
  readonly config: OidcConfig;
  readonly document: IssuerFetch['document'];
  /** Told of what is wrong with the issuer rather than with a token. */
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

export class IssuerTokens {
  readonly #options: IssuerTokensOptions;
  /** By SHA-256 of the token, oldest first. */
  readonly #verified = new Map<string, Verified>();
  #keys: Promise<JWTVerifyGetKey> | undefined;
  #failedAt: number | undefined;

  constructor(options: IssuerTokensOptions) {
    this.#options = options;
  }

  /** Whose token this is, if `peer` is what the caller presented and that is what the token asks for. Never rejects. */
  async bearer(token: string, peer?: X509Certificate): Promise<Authenticated | undefined> {
    const now = this.#options.now();
    const hash = createHash('sha256').update(token).digest('base64url');
    const known = this.#verified.get(hash);
    const verified = known !== undefined && known.until > now ? known : await this.#verify(token);
    if (verified === undefined) return undefined;
    if (verified !== known) this.#remember(hash, verified);
    return isConfirmed(verified.confirmation, peer) ? verified.authenticated : undefined;
  }

  async #verify(token: string): Promise<Verified | undefined> {
    const { config, now } = this.#options;
    if (!isWellFormed(token)) return undefined;
    const claims = await this.#claims(token);
    const principal = claims && principalOf(claims, config);
    if (claims?.exp === undefined || principal === undefined) return undefined;
    const expiresAt = (claims.exp + skewSeconds) * 1000;
    const credential = `issued:${createHash('sha256').update(token).digest('hex')}`;
    return {
      authenticated: { principal, credential, expiresAt },
      confirmation: confirmationOf(claims),
      until: Math.min(expiresAt, now() + verifiedMs),
    };
  }

  async #claims(token: string): Promise<JWTPayload | undefined> {
    const { config, now, onFailure } = this.#options;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, await this.#find(), {
        ...{ issuer: config.issuer, audience: config.audience, algorithms: tokenAlgorithms },
        ...{ clockTolerance: skewSeconds, currentDate: new Date(now()) },
        requiredClaims: ['exp', 'sub'],
      });
      return this.#takes(protectedHeader.typ) ? payload : undefined;
    } catch (error) {
      // The token's fault, or the issuer's, of which was told when it happened.
      const isKnown = error instanceof errors.JOSEError || error instanceof UpstreamError;
      if (!isKnown) onFailure(error);
      return undefined;
    }
  }

  /** Media types have no case, and `application/` may be left out (RFC 7515 §4.1.9). */
  #takes(typ = 'jwt'): boolean {
    const type = typ.toLowerCase().replace(/^application\//, '');
    return this.#options.config.types.some((taken) => taken === type);
  }

  #remember(hash: string, verified: Verified): void {
    const [oldest] = this.#verified.keys();
    if (this.#verified.size >= verifiedMax && oldest !== undefined) this.#verified.delete(oldest);
    this.#verified.delete(hash);
    this.#verified.set(hash, verified);
  }

  /** Found out once; a failure stays for a while, so that tokens do not become requests. */
  #find(): Promise<JWTVerifyGetKey> {
    const { now } = this.#options;
    const stays = this.#failedAt === undefined || now() - this.#failedAt < pauseMs;
    if (this.#keys !== undefined && stays) return this.#keys;
    this.#failedAt = undefined;
    this.#keys = this.#discover();
    this.#keys.catch(() => (this.#failedAt = now()));
    return this.#keys;
  }

  /** OpenID Connect Discovery §4: the document must be about the issuer that was asked. */
  async #discover(): Promise<JWTVerifyGetKey> {
    const { config, document, onFailure } = this.#options;
    const base = config.issuer.replace(/\/$/, '');
    const answer = await document(`${base}/.well-known/openid-configuration`);
    const found = (await answer.json()) as Readonly<Record<string, unknown>> | null;
    const uri = typeof found?.['jwks_uri'] === 'string' ? URL.parse(found['jwks_uri']) : null;
    if (found?.['issuer'] === config.issuer && uri !== null) {
      const times = { cacheMaxAge: keysMs, cooldownDuration: keysPauseMs };
      return createRemoteJWKSet(uri, { ...times, [customFetch]: document });
    }
    const error = new UpstreamError('upstream-broken', `${base} does not say where its keys are`);
    onFailure(error);
    throw error;
  }
}

/**
 * Three parts of base64url, and a header without escapes: some versions of V8 take the name of an escaped member for
 * that of a text parsed before, so what an attacker wrote must not reach the parser.
 */
function isWellFormed(token: string): boolean {
  if (token.length > tokenCharactersMax) return false;
  const [, header] = /^([\w-]+)\.[\w-]+\.[\w-]+$/.exec(token) ?? [];
  return header !== undefined && !Buffer.from(header, 'base64url').includes('\\');
}

// Who is calling, by what the operator configured; follows the files that list principals while they change.

import type { X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';

import type { CertificateName, IdentityConfig } from '../config/index.ts';
import type { Authenticated, CredentialId } from './authenticated.ts';
import { certificateHolder, readPrincipals } from './certificates.ts';
import { FileChanges } from './file-changes.ts';
import { IssuerFetch } from './issuer-fetch.ts';
import { IssuerTokens } from './issuer-tokens.ts';
import { PrincipalFile } from './principal-file.ts';
import type { RevokingFile, SshCertificate } from './ssh-identity.ts';
import { SshIdentity } from './ssh-identity.ts';
import type { Fingerprint } from './ssh-keys.ts';
import { hashToken, readTokens } from './tokens.ts';

interface AuthenticatorEvents {
  /** Credentials that stopped being valid: their sessions must end. */
  revoked: [ReadonlySet<CredentialId>];
  /** A file changed and is wrong; the last good table stays. */
  rejected: [unknown];
  /** The issuer cannot be reached or says nonsense: its tokens are refused. */
  issuerFailed: [unknown];
}

interface Issuer {
  readonly tokens: IssuerTokens;
  readonly fetch: IssuerFetch;
}

interface Certificates {
  readonly listed: PrincipalFile;
  readonly name: CertificateName;
}

/** How long a revocation may go unnoticed. */
const followMs = 500;

function filesOf({ tokens, clientCertificates, ssh }: IdentityConfig): readonly string[] {
  const { keys, certificates, revoked } = ssh ?? {};
  const { authorities, principals } = certificates ?? {};
  const named = [clientCertificates?.principals, keys, authorities, principals, revoked];
  return [tokens, ...named.filter((path) => path !== undefined)];
}

export class Authenticator {
  readonly events = new EventEmitter<AuthenticatorEvents>();
  readonly #now: () => number;
  readonly #tokens: PrincipalFile;
  readonly #certificates: Certificates | undefined;
  readonly #issuer: Issuer | undefined;
  readonly #ssh: SshIdentity | undefined;
  readonly #changes: FileChanges;
  #following: NodeJS.Timeout | undefined;

  /**
   * @param now milliseconds since the Unix epoch
   * @throws ConfigError when a file is missing or wrong.
   */
  constructor(config: IdentityConfig, now: () => number) {
    this.#now = now;
    this.#changes = new FileChanges(filesOf(config));
    this.#tokens = new PrincipalFile(config.tokens, readTokens);
    this.#certificates = config.clientCertificates && {
      listed: new PrincipalFile(config.clientCertificates.principals, readPrincipals),
      name: config.clientCertificates.id,
    };
    this.#issuer = config.oidc && this.#openIssuer(config.oidc);
    this.#ssh = config.ssh && new SshIdentity(config.ssh, now);
  }

  byToken(token: string): Authenticated | undefined {
    return this.#tokens.find(hashToken(token), this.#now());
  }

  /**
   * An API token, or one of the issuer's. Never rejects.
   *
   * @param peer what the caller presented in the handshake, for tokens that are bound to it
   */
  async byBearer(token: string, peer?: X509Certificate): Promise<Authenticated | undefined> {
    return this.byToken(token) ?? (await this.#issuer?.tokens.bearer(token, peer));
  }

  /** @param certificate one that TLS has verified; nobody when none are configured */
  byCertificate(certificate: X509Certificate): Authenticated | undefined {
    if (this.#certificates === undefined) return undefined;
    const { listed, name } = this.#certificates;
    return certificateHolder(certificate, name, { listed, now: this.#now() });
  }

  /**
   * @param fingerprint of a key that the caller has proven to hold, or asks whether to
   * @param client IP address from which it comes
   */
  bySshKey(fingerprint: Fingerprint, client: string): Authenticated | undefined {
    return this.#ssh?.byKey(fingerprint, client);
  }

  /** @param certificate that its authority signed, whichever that is, and for a key as above */
  bySshCertificate(certificate: SshCertificate, client: string): Authenticated | undefined {
    return this.#ssh?.byCertificate(certificate, client);
  }

  watch(): void {
    this.#following = setInterval(() => {
      if (this.#changes.take()) this.reload();
    }, followMs);
    this.#following.unref();
  }

  /** Reads the files again: a wrong file changes nothing, a right one may revoke credentials. */
  reload(): void {
    for (const file of this.#files()) {
      try {
        const revoked = file.reload();
        if (revoked.size > 0) this.events.emit('revoked', revoked);
      } catch (error) {
        this.events.emit('rejected', error);
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#following);
    await this.#issuer?.fetch.close();
  }

  #files(): readonly RevokingFile[] {
    const certificates = this.#certificates === undefined ? [] : [this.#certificates.listed];
    return [this.#tokens, ...certificates, ...(this.#ssh?.files ?? [])];
  }

  #openIssuer(config: NonNullable<IdentityConfig['oidc']>): Issuer {
    const now = this.#now;
    const onFailure = (error: unknown): void => {
      this.events.emit('issuerFailed', error);
    };
    const fetch = new IssuerFetch({ ca: config.ca, onFailure, now });
    const { document } = fetch;
    return { fetch, tokens: new IssuerTokens({ config, document, onFailure, now }) };
  }
}

// Callers of SSH: keys that are listed, and certificates whose authority and names are. The host has verified what was
// signed; here is judged whom it stands for, and remembered who must go when a file changes.

import type { SshIdentityConfig } from '../config/index.ts';
import type { Authenticated, CredentialId } from './authenticated.ts';
import { credentialOfName, readPrincipals } from './certificates.ts';
import { FollowedFile } from './followed-file.ts';
import { isFrom } from './networks.ts';
import { PrincipalFile } from './principal-file.ts';
import type { Fingerprint } from './ssh-keys.ts';
import { credentialOfKey, readFingerprints, readSshKeys } from './ssh-keys.ts';
import type { Revocable, RevokedTable } from './ssh-revoked.ts';
import { nothingRevoked, readRevoked } from './ssh-revoked.ts';

/** What an authority signed about a key, in the words of the engine. */
export interface SshCertificate extends Revocable {
  /** Of the certificate itself. */
  readonly fingerprint: Fingerprint;
  readonly principals: readonly string[];
  /** Milliseconds since the Unix epoch; valid before `validBefore`, `undefined` for ever. */
  readonly validAfter: number;
  readonly validBefore: number | undefined;
  readonly networks: readonly string[] | undefined;
}

/** A file that takes credentials away when it changes. */
export interface RevokingFile {
  readonly path: string;
  /** @throws ConfigError when it is wrong now */
  readonly reload: () => ReadonlySet<CredentialId>;
}

interface Admitted {
  readonly certificate: SshCertificate;
  readonly holder: Authenticated;
}

interface Certificates {
  readonly authorities: FollowedFile<ReadonlySet<Fingerprint>>;
  readonly listed: PrincipalFile;
}

/** Certificates that let somebody in and have not ended; more are not let in, since they could not be revoked. */
const admittedMax = 50_000;

export class SshIdentity {
  readonly #now: () => number;
  readonly #keys: PrincipalFile | undefined;
  readonly #certificates: Certificates | undefined;
  readonly #revoked: FollowedFile<RevokedTable> | undefined;
  readonly #admitted = new Map<CredentialId, Admitted>();

  /** @throws ConfigError when a file is missing or wrong */
  constructor({ keys, certificates, revoked }: SshIdentityConfig, now: () => number) {
    this.#now = now;
    this.#keys = keys === undefined ? undefined : new PrincipalFile(keys, readSshKeys);
    this.#certificates = certificates && {
      authorities: new FollowedFile(certificates.authorities, readFingerprints),
      listed: new PrincipalFile(certificates.principals, readPrincipals),
    };
    this.#revoked = revoked === undefined ? undefined : new FollowedFile(revoked, readRevoked);
  }

  /** @param client IP address from which the caller comes */
  byKey(fingerprint: Fingerprint, client: string): Authenticated | undefined {
    if (this.#revokedNow.keys.has(fingerprint)) return undefined;
    const found = this.#keys?.find(credentialOfKey(fingerprint), this.#now());
    if (found === undefined || !isFrom(found.networks, client)) return undefined;
    const { principal, credential, expiresAt } = found;
    return { principal, credential, expiresAt };
  }

  /** Nobody when none of its names is listed, or several are: which one was meant must not be guessed. */
  byCertificate(certificate: SshCertificate, client: string): Authenticated | undefined {
    if (!isFrom(certificate.networks, client)) return undefined;
    const holder = this.#holderOf(certificate);
    return holder && this.#admit(certificate, holder) ? holder : undefined;
  }

  get files(): readonly RevokingFile[] {
    const keys = this.#keys;
    const { authorities, listed } = this.#certificates ?? {};
    const judgedBy = [authorities, listed].filter((file) => file !== undefined);
    return [
      ...(keys === undefined ? [] : [keys]),
      ...judgedBy.map((file) => this.#followed(file)),
      ...(this.#revoked === undefined ? [] : [this.#followed(this.#revoked)]),
    ];
  }

  #followed(file: { readonly path: string; readonly reload: () => unknown }): RevokingFile {
    const reload = (): ReadonlySet<CredentialId> => {
      const before = this.#revokedNow.keys;
      file.reload();
      const keys = Array.from(this.#revokedNow.keys).filter((key) => !before.has(key));
      return new Set([...keys.map(credentialOfKey), ...this.#dropRevoked()]);
    };
    return { path: file.path, reload };
  }

  get #revokedNow(): RevokedTable {
    return this.#revoked?.table ?? nothingRevoked;
  }

  #holderOf(certificate: SshCertificate): Authenticated | undefined {
    const now = this.#now();
    const { validAfter, validBefore = Infinity, authorityFingerprint } = certificate;
    if (!(validAfter <= now && now < validBefore)) return undefined;
    if (this.#revokedNow.coversCertificate(certificate)) return undefined;
    const { authorities, listed } = this.#certificates ?? {};
    if (authorities?.table.has(authorityFingerprint) !== true) return undefined;
    const names = new Set(certificate.principals);
    const [holder, ...others] = Array.from(names).flatMap(
      (name) => listed?.find(credentialOfName(name), now) ?? [],
    );
    if (holder === undefined || others.length > 0) return undefined;
    const ends = Math.min(holder.expiresAt ?? Infinity, validBefore);
    return {
      principal: holder.principal,
      credential: `ssh-certificate:${certificate.fingerprint}`,
      expiresAt: ends === Infinity ? undefined : ends,
    };
  }

  #admit(certificate: SshCertificate, holder: Authenticated): boolean {
    if (!this.#admitted.has(holder.credential) && this.#admitted.size >= admittedMax) {
      this.#forgetEnded();
      if (this.#admitted.size >= admittedMax) return false;
    }
    this.#admitted.set(holder.credential, { certificate, holder });
    return true;
  }

  #forgetEnded(): void {
    const now = this.#now();
    for (const [credential, { holder }] of this.#admitted) {
      if ((holder.expiresAt ?? Infinity) <= now) this.#admitted.delete(credential);
    }
  }

  /** Judges all that were let in once more; those for whom that ends otherwise, or sooner, must go. */
  #dropRevoked(): readonly CredentialId[] {
    this.#forgetEnded();
    const dropped: CredentialId[] = [];
    for (const [credential, { certificate, holder }] of this.#admitted) {
      const now = this.#holderOf(certificate);
      const changed = JSON.stringify(now?.principal) !== JSON.stringify(holder.principal);
      const shortened = (now?.expiresAt ?? Infinity) < (holder.expiresAt ?? Infinity);
      if (!changed && !shortened) continue;
      this.#admitted.delete(credential);
      dropped.push(credential);
    }
    return dropped;
  }
}

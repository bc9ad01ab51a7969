// Client certificates (RFC 5280): whom a name in one stands for, by principals.yaml. TLS has verified the chain before.

import type { X509Certificate } from 'node:crypto';

import type { CertificateName } from '../config/index.ts';
import { validatorOf } from '../config/validate.ts';
import type { Principal } from '../model/index.ts';
import { ConfigError } from '../model/index.ts';
import principalsSchema from '../../schemas/principals.json' with { type: 'json' };
import type { Authenticated, CredentialId } from './authenticated.ts';
import type { Listed, PrincipalFile, PrincipalTable } from './principal-file.ts';
import { expiryOf, readYaml } from './principal-file.ts';

interface PrincipalsFile {
  readonly principals: readonly {
    readonly name: string;
    readonly id?: string;
    readonly kind?: Principal['kind'];
    readonly groups?: readonly string[];
    readonly expires?: string;
  }[];
}

const validatePrincipals = validatorOf(principalsSchema);
export const credentialOfName = (name: string): CredentialId => `certificate:${name}`;

/** @throws ConfigError `config-unreadable` or `config-invalid` with the path of the mistake. */
export function readPrincipals(file: string): PrincipalTable {
  const document = readYaml(file);
  validatePrincipals(document, file);
  const table = new Map<CredentialId, Listed>();
  for (const [index, listed] of (document as PrincipalsFile).principals.entries()) {
    const { name, id = name, kind = 'workload', groups = [], expires } = listed;
    const credential = credentialOfName(name);
    if (table.has(credential)) {
      throw new ConfigError('config-invalid', `${file}: principals.${index}.name: is listed twice`);
    }
    const expiresAt = expiryOf(`${file}: principals.${index}.expires`, expires);
    table.set(credential, { principal: { id, kind, groups }, credential, expiresAt });
  }
  return table;
}

/**
 * Whom a verified certificate stands for at `now`. Nobody when none of its names is listed, or several are: which one
 * was meant must not be guessed. A connection may be older than the end of its certificate.
 */
export function certificateHolder(
  certificate: X509Certificate,
  name: CertificateName,
  { listed, now }: { readonly listed: PrincipalFile; readonly now: number },
): Authenticated | undefined {
  const begins = certificate.validFromDate.getTime();
  const ends = certificate.validToDate.getTime();
  if (!(begins <= now && now < ends)) return undefined;
  const holders = namesOf(certificate, name)
    .map((text) => listed.find(credentialOfName(text), now))
    .filter((holder) => holder !== undefined);
  const [holder, ...others] = holders;
  if (holder === undefined || others.length > 0) return undefined;
  return { ...holder, expiresAt: Math.min(holder.expiresAt ?? Infinity, ends) };
}

const labels = { 'san-dns': 'DNS', 'san-email': 'email', 'san-uri': 'URI' } as const;

function namesOf(certificate: X509Certificate, name: CertificateName): readonly string[] {
  if (name !== 'cn') return alternativeNames(certificate.subjectAltName ?? '', labels[name]);
  // Typed as a text; an array when there are several.
  const commonName = certificate.toLegacyObject().subject.CN as unknown;
  return typeof commonName === 'string' ? [commonName] : [];
}

/**
 * Node prints `URI:spiffe://a/b, DNS:c` and puts quotes around a value that could pass for several. Such a value makes
 * the whole list count for nothing.
 */
function alternativeNames(text: string, label: string): readonly string[] {
  if (text.includes('"')) return [];
  return text
    .split(', ')
    .filter((entry) => entry.startsWith(`${label}:`))
    .map((entry) => entry.slice(label.length + 1));
}

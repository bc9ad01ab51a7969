// What the claims of a verified token say (OpenID Connect Core §5.1, RFC 9068, RFC 7800).

import { createHash } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';

import type { JWTPayload } from 'jose';

import type { OidcConfig } from '../config/index.ts';
import type { Principal } from '../model/index.ts';

const groupsMax = 500;
/** Control characters and the like would forge lines wherever it is shown. */
const name = /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u;

const isName = (value: unknown): value is string => typeof value === 'string' && name.test(value);

/** `undefined` when the claims that the configuration asks for are missing or of another shape. */
export function principalOf(
  claims: JWTPayload,
  config: Pick<OidcConfig, 'id' | 'groups'>,
): Principal | undefined {
  const id = claims[config.id];
  const groups = groupsOf(claims, config.groups);
  if (!isName(id) || groups === undefined) return undefined;
  // Whoever may write an address into a profile may not become its owner.
  if (config.id === 'email' && claims['email_verified'] !== true) return undefined;
  // RFC 9068 §2.2: client credentials have no other subject than the client.
  const isClient = claims.sub !== undefined && claims.sub === claims['client_id'];
  return { id, kind: isClient ? 'workload' : 'human', groups };
}

function groupsOf(claims: JWTPayload, claim: string | undefined): readonly string[] | undefined {
  if (claim === undefined) return [];
  const groups = claims[claim];
  if (groups === undefined) return isElsewhere(claims, claim) ? undefined : [];
  if (!Array.isArray(groups) || groups.length > groupsMax) return undefined;
  return groups.every(isName) ? groups : undefined;
}

/** Too many to list, so to be asked for (OpenID Connect Core §5.6.2): as none they would slip past denials by group. */
function isElsewhere(claims: JWTPayload, claim: string): boolean {
  const elsewhere = claims['_claim_names'];
  return typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, claim);
}

/** To what else its bearer must prove to hold; `unknown` is nothing that can be checked here. */
export type Confirmation =
  | { readonly kind: 'none' | 'unknown' }
  | { readonly kind: 'certificate'; readonly thumbprint: string };

/** RFC 8705 §3.1; a key that is proven in another way (RFC 9449) is not supported, and not skipped either. */
export function confirmationOf({ cnf }: JWTPayload): Confirmation {
  if (cnf === undefined) return { kind: 'none' };
  if (typeof cnf !== 'object' || cnf === null) return { kind: 'unknown' };
  const [first, ...others] = Object.entries(cnf as Readonly<Record<string, unknown>>);
  const [method, thumbprint] = first ?? [];
  if (method !== 'x5t#S256' || typeof thumbprint !== 'string' || others.length > 0) {
    return { kind: 'unknown' };
  }
  return { kind: 'certificate', thumbprint };
}

/** @param peer what the caller presented in the handshake */
export function isConfirmed(wanted: Confirmation, peer: X509Certificate | undefined): boolean {
  switch (wanted.kind) {
    case 'none':
      return true;
    case 'unknown':
      return false;
    case 'certificate':
      return peer !== undefined && thumbprintOf(peer) === wanted.thumbprint;
  }
}

const thumbprintOf = ({ raw }: X509Certificate): string =>
  createHash('sha256').update(raw).digest('base64url');

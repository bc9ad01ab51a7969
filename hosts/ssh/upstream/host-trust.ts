// Whether a target is who it must be: its key is pinned, or an authority has signed it for the target's name. Asked at
// every key exchange; there is no prompt and no first use.

import { readFileSync } from 'node:fs';

import type { SshHostTrust } from '#engine';
import { ConfigError } from '#engine';

import type { Certificate, ListedKey } from '../wire/index.ts';
import {
  WireError,
  certificateTypeOf,
  decodeCertificate,
  encodePublicKey,
  fingerprintOf,
  isValidAt,
  loginAlgorithms,
  readPublicKeyLines,
  typeOf,
} from '../wire/index.ts';

export type HostVerdict =
  /** Of a certificate with the plain key that it is for, which signs key exchanges. */
  | { readonly kind: 'trusted'; readonly certified?: Buffer }
  /** For the operator's log and for who is logged in: names and fingerprints. */
  | { readonly kind: 'refused'; readonly why: string };

export interface HostVerifier {
  /** What the target may be asked for in the key exchange, best first. */
  readonly algorithms: readonly string[];
  /** @param blob key or certificate as the target sent it */
  readonly verify: (blob: Buffer) => HostVerdict;
}

/**
 * @param at where in the configuration, for the message
 * @param now milliseconds since the Unix epoch
 * @throws ConfigError `config-unreadable` or `config-invalid`
 */
export function openHostTrust(at: string, trust: SshHostTrust, now: () => number): HostVerifier {
  const keys = readKeys(at, trust.file);
  return trust.kind === 'keys' ? pinned(keys) : certified(keys, trust.name, now);
}

function pinned(keys: readonly ListedKey[]): HostVerifier {
  const listed = keys.map(({ fingerprint }) => fingerprint);
  const types = new Set<string>(keys.map(({ key }) => typeOf(key)));
  return {
    algorithms: algorithmsFor((type) => types.has(type)),
    verify: (blob) => {
      const shown = fingerprintOf(blob);
      if (keys.some((key) => key.blob.equals(blob))) return { kind: 'trusted' };
      return refused(`its host key is ${shown}, and not ${listed.join(' or ')}`);
    },
  };
}

function certified(keys: readonly ListedKey[], name: string, now: () => number): HostVerifier {
  const authorities = new Set(keys.map(({ fingerprint }) => fingerprint));
  const types = new Set(certifiedTypes.map(certificateTypeOf));
  return {
    algorithms: algorithmsFor((type) => types.has(type)),
    verify: (blob) => {
      let certificate: Certificate;
      try {
        certificate = decodeCertificate(blob);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        return refused(`it shows no certificate that is signed: ${error.message}`);
      }
      const flaw = flawOf(certificate, { authorities, name, now: now() });
      if (flaw !== undefined) return refused(flaw);
      return { kind: 'trusted', certified: encodePublicKey(certificate.key) };
    },
  };
}

const refused = (why: string): HostVerdict => ({ kind: 'refused', why });

interface Expected {
  readonly authorities: ReadonlySet<string>;
  readonly name: string;
  readonly now: number;
}

function flawOf(
  certificate: Certificate,
  { authorities, name, now }: Expected,
): string | undefined {
  const { holder, authorityFingerprint, principals, options } = certificate;
  if (!authorities.has(authorityFingerprint)) {
    return `its certificate is signed by ${authorityFingerprint}, which is no authority of hosts`;
  }
  if (holder !== 'host') return 'its certificate is that of a user';
  if (!isValidAt(certificate, now)) return 'its certificate is not valid now';
  // Without names a certificate would be good for every target.
  if (!principals.some((principal) => principal.toLowerCase() === name.toLowerCase())) {
    return `its certificate is for ${principals.join(', ') || 'nobody'}, and not for ${name}`;
  }
  const { forceCommand, sourceAddress, verifyRequired } = options;
  const isLimited = forceCommand !== undefined || sourceAddress !== undefined || verifyRequired;
  return isLimited ? 'its certificate has critical options, which hosts have none of' : undefined;
}

/** Not RSA, for whose certificates the transport has no way; no security keys, which nobody would touch. */
const certifiedTypes = [
  ...(['ssh-ed25519', 'ecdsa-sha2-nistp256'] as const),
  ...(['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'] as const),
];

const algorithmsFor = (isWanted: (type: string) => boolean): readonly string[] =>
  Array.from(loginAlgorithms)
    .filter(([, { type }]) => isWanted(type))
    .map(([name]) => name);

function readKeys(at: string, file: string): readonly ListedKey[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${at}: ${file} cannot be read`, { cause });
  }
  try {
    return readPublicKeyLines(text);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new ConfigError('config-invalid', `${at}: ${file}: ${cause.message}`, {
      hint: 'one line for each key: type, base64, comment',
      cause,
    });
  }
}

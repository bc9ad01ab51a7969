// Signs with a private key that the gateway holds, and makes certificates with it (OpenSSH PROTOCOL.certkeys).

import type { KeyObject } from 'node:crypto';
import { createPublicKey, randomBytes, sign } from 'node:crypto';

import type { CertificateContent } from './certificate.ts';
import { encodeCertificateContent, joinCertificate } from './certificate.ts';
import type { PublicKey } from './public-key.ts';
import { decodePublicKey, keyObjectOf } from './public-key.ts';
import { encodeSignature } from './signature.ts';
import { algorithmsOf, digestOf } from './verify.ts';
import { malformed } from './wire-error.ts';

export interface Signer {
  readonly key: PublicKey;
  /** Gives a signature as it goes over the wire. */
  readonly sign: (message: Buffer) => Buffer;
}

const nonceBytes = 32;

/**
 * @param blob the public half, as the key file says it
 * @throws WireError when the two are no pair or of a kind that cannot sign
 */
export function signerOf(privateKey: KeyObject, blob: Buffer): Signer {
  const key = decodePublicKey(blob);
  const [algorithm] = algorithmsOf(key);
  if (algorithm === undefined || 'application' in key) throw malformed('key cannot sign by itself');
  if (!isPair(privateKey, key)) throw malformed('public key is not that of the private one');
  return {
    key,
    sign: (message) => {
      const options = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
      const value = sign(digestOf(algorithm), message, options);
      return encodeSignature({ algorithm, value, token: undefined });
    },
  };
}

function isPair(privateKey: KeyObject, key: PublicKey): boolean {
  return createPublicKey(privateKey).equals(keyObjectOf(key));
}

/** A certificate with a nonce of its own, so that no two are the same. */
export function mintCertificate(
  content: Omit<CertificateContent, 'nonce' | 'authority'>,
  authority: Signer,
): Buffer {
  const bytes = encodeCertificateContent({
    ...content,
    nonce: randomBytes(nonceBytes),
    authority: authority.key,
  });
  return joinCertificate(bytes, authority.sign(bytes));
}

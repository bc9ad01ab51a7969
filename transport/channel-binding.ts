// Channel binding `tls-server-end-point` (RFC 5929 §4), which ties a SCRAM exchange to the peer's certificate.

import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** By signature algorithm; MD5 and SHA-1 are replaced by SHA-256, as the RFC says. */
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'sha256',
  '1.2.840.113549.1.1.5': 'sha256',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.10045.4.1': 'sha256',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

/** The hash of the server's certificate; null where the RFC defines none (EdDSA, RSASSA-PSS). */
export function channelBinding(socket: TLSSocket): Buffer | null {
  const certificate = socket.getPeerX509Certificate();
  const hash = hashes[certificate?.signatureAlgorithmOid ?? ''];
  if (certificate === undefined || hash === undefined) return null;
  return createHash(hash).update(certificate.raw).digest();
}

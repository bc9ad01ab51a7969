// What a lab server shows its clients: a certificate for localhost and names below it, by an authority of its own.

import { join } from 'node:path';

import type { CertificateFiles } from '../certificates.ts';
import { createCertificateAuthority, writeCertificates } from '../certificates.ts';

/** The name that clients verify; the addresses of the loopback and `*.localhost` verify as well. */
export const serverName = 'localhost';

export async function issueServerCertificate(directory: string): Promise<CertificateFiles> {
  const authority = createCertificateAuthority('lab CA');
  const leaf = authority.issue({
    commonName: serverName,
    dns: [serverName, `*.${serverName}`],
    ips: ['127.0.0.1', '::1'],
  });
  return writeCertificates(join(directory, 'tls'), 'server', leaf, authority);
}

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCertificateAuthority, temporaryDirectory, writeCertificates } from '#lab';
import type { IssuedCertificate } from '#lab';

const authority = createCertificateAuthority('lab root, O=not an organisation');

async function handshake(issued: IssuedCertificate, ca: string, servername: string) {
  const server = createServer({ cert: issued.certificatePem, key: issued.keyPem });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, ca, servername });
  try {
    await once(socket, 'secureConnect');
    return socket.authorized;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
    server.close();
  }
}

describe('the development certificate authority', () => {
  const issued = authority.issue({ commonName: 'db', dns: ['localhost'], ips: ['127.0.0.1'] });

  it('issues what a verifying TLS client trusts', async () => {
    expect(await handshake(issued, authority.certificatePem, 'localhost')).toBe(true);
  });

  it('is told apart from another authority of the same name', async () => {
    const other = createCertificateAuthority('lab root, O=not an organisation');
    expect(await handshake(issued, other.certificatePem, 'localhost')).not.toBe(true);
  });

  it('issues certificates that have expired', async () => {
    const expired = authority.issue({ commonName: 'db', dns: ['localhost'], days: -1 });
    expect(await handshake(expired, authority.certificatePem, 'localhost')).toBe(
      'CERT_HAS_EXPIRED',
    );
  });

  it('keeps a comma of a name inside the name', () => {
    const subject = new X509Certificate(authority.certificatePem).toLegacyObject().subject;
    expect(subject.CN).toBe('lab root, O=not an organisation');
    expect(subject.O).toBeUndefined();
  });

  it('writes addresses of both families', () => {
    const ips = ['10.1.2.3', '::1', 'fe80::5:1.2.3.4', '1:2:3:4:5:6:7:8'];
    const certificate = new X509Certificate(
      authority.issue({ commonName: 'db', ips }).certificatePem,
    );
    expect(ips.map((ip) => certificate.checkIP(ip))).toEqual(ips);
    expect(certificate.checkIP('10.1.2.4')).toBeUndefined();
  });

  it('marks client certificates as such', () => {
    const client = authority.issue({ commonName: 'robot', client: true });
    expect(new X509Certificate(client.certificatePem).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });
});

describe('writeCertificates', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    directory = await temporaryDirectory();
  });
  afterAll(() => directory.remove());

  it('leaves keys readable by their owner only', async () => {
    const issued = authority.issue({ commonName: 'db' });
    const files = await writeCertificates(directory.path, 'db', issued, authority);
    expect((await stat(files.key)).mode & 0o777).toBe(0o600);
  });
});

// A development certificate authority: P-256 keys, X.509 v3 certificates (RFC 5280) for servers and clients.

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import * as der from './der.ts';
import type { Der } from './der.ts';

export interface IssuedCertificate {
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly keyPem: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  readonly emails?: readonly string[];
  readonly uris?: readonly string[];
  /** For a client's authentication instead of a server's. */
  readonly client?: boolean;
  /** Validity from now, at most 20 years; zero or less gives a certificate that has already expired. */
  readonly days?: number;
}

export interface CertificateAuthority {
  readonly certificatePem: string;
  readonly issue: (request: CertificateRequest) => IssuedCertificate;
}

interface Certified {
  readonly issuer: string;
  readonly subject: string;
  readonly key: KeyObject;
  readonly signer: KeyObject;
  readonly days: number;
  readonly extensions: readonly Der[];
}

const dayMs = 24 * 60 * 60 * 1000;
const ecdsaWithSha256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
const generateKeys = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const extension = (oid: string, value: Der, critical = false): Der =>
  der.sequence(
    der.objectIdentifier(oid),
    ...(critical ? [der.boolean(true)] : []),
    der.octets(value),
  );

const commonName = (name: string): Der =>
  der.sequence(der.set(der.sequence(der.objectIdentifier('2.5.4.3'), der.utf8(name))));

/** Any unique value serves as a key identifier (RFC 5280 §4.2.1.2). */
const keyIdentifier = (key: KeyObject): Buffer =>
  createHash('sha256').update(spki(key)).digest().subarray(0, 20);

const basicConstraints = (authority: boolean): Der =>
  extension('2.5.29.19', der.sequence(...(authority ? [der.boolean(true)] : [])), true);
const keyUsage = (bit: number): Der =>
  extension('2.5.29.15', der.bits(Buffer.of(0x80 >> bit), 7 - bit), true);
const subjectKey = (key: KeyObject): Der => extension('2.5.29.14', der.octets(keyIdentifier(key)));
const authorityKey = (key: KeyObject): Der =>
  extension('2.5.29.35', der.sequence(der.implicit(0, keyIdentifier(key))));
const extendedUsage = (client: boolean): Der =>
  extension(
    '2.5.29.37',
    der.sequence(der.objectIdentifier(`1.3.6.1.5.5.7.3.${client ? '2' : '1'}`)),
  );

/** Network byte order; the URL parser brings IPv6 text into its one canonical form. */
function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = canonical.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function alternativeNames(request: CertificateRequest): readonly Der[] {
  const names = [
    ...(request.emails ?? []).map((address) => der.implicit(1, Buffer.from(address))),
    ...(request.uris ?? []).map((uri) => der.implicit(6, Buffer.from(uri))),
    ...(request.dns ?? []).map((name) => der.implicit(2, Buffer.from(name))),
    ...(request.ips ?? []).map((address) => der.implicit(7, addressBytes(address))),
  ];
  return names.length === 0 ? [] : [extension('2.5.29.17', der.sequence(...names))];
}

function validity(days: number): Der {
  const end = Date.now() + days * dayMs;
  const start = Math.min(Date.now(), end) - dayMs;
  return der.sequence(der.utcTime(new Date(start)), der.utcTime(new Date(end)));
}

function certify(certified: Certified): string {
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(randomBytes(16)),
    ecdsaWithSha256,
    commonName(certified.issuer),
    validity(certified.days),
    commonName(certified.subject),
    spki(certified.key),
    der.explicit(3, der.sequence(...certified.extensions)),
  );
  const signature = sign('sha256', body, certified.signer);
  const base64 = der.sequence(body, ecdsaWithSha256, der.bits(signature)).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** The authority's key stays in memory: what it issued outlives it, nothing else can be issued. */
export function createCertificateAuthority(name: string): CertificateAuthority {
  const authority = generateKeys();
  const certificatePem = certify({
    issuer: name,
    subject: name,
    key: authority.publicKey,
    signer: authority.privateKey,
    days: 365,
    extensions: [basicConstraints(true), keyUsage(5), subjectKey(authority.publicKey)],
  });

  function issue(request: CertificateRequest): IssuedCertificate {
    const leaf = generateKeys();
    const issued = certify({
      issuer: name,
      subject: request.commonName,
      key: leaf.publicKey,
      signer: authority.privateKey,
      days: request.days ?? 30,
      extensions: [
        basicConstraints(false),
        keyUsage(0),
        extendedUsage(request.client === true),
        ...alternativeNames(request),
        subjectKey(leaf.publicKey),
        authorityKey(authority.publicKey),
      ],
    });
    const keyPem = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { certificatePem: issued, keyPem };
  }

  return { certificatePem, issue };
}

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/** Writes `<name>.crt`, `<name>.key` and `ca.crt` into a directory, readable by their owner only. */
export async function writeCertificates(
  directory: string,
  name: string,
  issued: IssuedCertificate,
  authority: CertificateAuthority,
): Promise<CertificateFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const files = {
    certificate: join(directory, `${name}.crt`),
    key: join(directory, `${name}.key`),
    ca: join(directory, 'ca.crt'),
  };
  await writeFile(files.certificate, issued.certificatePem, { mode: 0o600 });
  await writeFile(files.key, issued.keyPem, { mode: 0o600 });
  await writeFile(files.ca, authority.certificatePem, { mode: 0o600 });
  return files;
}

// OpenSSH certificates of users and hosts (draft-miller-ssh-cert, OpenSSH PROTOCOL.certkeys), version 01.

import type { CertificateOptions } from './certificate-options.ts';
import { encodeOptions, readOptions } from './certificate-options.ts';
import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import type { KeyType, PublicKey } from './public-key.ts';
import {
  decodePublicKey,
  encodePublicKey,
  fingerprintOf,
  isKeyType,
  readKeyFields,
  typeOf,
  writeKeyFields,
} from './public-key.ts';

import { decodeSignature } from './signature.ts';
import { verifySignature } from './verify.ts';
import { malformed } from './wire-error.ts';

export interface CertificateContent {
  readonly holder: 'user' | 'host';
  readonly nonce: Buffer;
  readonly key: PublicKey;
  readonly serial: bigint;
  /** What the authority calls it, for logs. */
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Seconds since the Unix epoch; `validBefore` is the first that it is not valid in. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly options: CertificateOptions;
  readonly authority: PublicKey;
}

export interface Certificate extends CertificateContent {
  /** Of the whole certificate: no two have the same. */
  readonly fingerprint: string;
  /** Of the plain key. */
  readonly keyFingerprint: string;
  readonly authorityFingerprint: string;
}

/** Valid for ever, as `ssh-keygen` says it. */
export const forever = 0xffff_ffff_ffff_ffffn;

const certificateBytesMax = 16 * 1024;
const nonceBytesMax = 64;
const keyIdMax = 256;
const principalsMax = 64;
const principalMax = 256;
/** Control characters and the like would forge lines wherever a name is shown. */
const printable = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;

const userCertificate = 1;
const hostCertificate = 2;
const suffix = '-cert-v01@openssh.com';

/** `ssh-ed25519` → `ssh-ed25519-cert-v01@openssh.com`; a name that ends in a domain gets it once. */
export const certificateTypeOf = (type: KeyType): string =>
  type.replace(/@openssh\.com$/, '') + suffix;

const keyTypeOf = (certificateType: string): KeyType => {
  if (!certificateType.endsWith(suffix)) throw malformed('no certificate');
  const name = certificateType.slice(0, -suffix.length);
  const type = name.startsWith('sk-') ? `${name}@openssh.com` : name;
  if (!isKeyType(type)) throw malformed('certificate for an unknown type of key');
  return type;
};

/**
 * A certificate that its authority really signed; whether that one is trusted, and whether it is valid now and here, is
 * for the caller to find out.
 *
 * @throws WireError
 */
export function decodeCertificate(blob: Buffer): Certificate {
  if (blob.length > certificateBytesMax) throw malformed('certificate is too long');
  const reader = new FieldReader(blob);
  const content = readContent(reader);
  const message = reader.taken;
  const signature = decodeSignature(reader.string());
  reader.finish();
  const result = verifySignature(content.authority, signature, { message });
  if (result !== 'good') throw malformed('certificate is not signed by its authority');
  return {
    ...content,
    fingerprint: fingerprintOf(blob),
    keyFingerprint: fingerprintOf(encodePublicKey(content.key)),
    authorityFingerprint: fingerprintOf(encodePublicKey(content.authority)),
  };
}

/**
 * The same without its signature.
 *
 * @throws WireError
 */
export function decodeCertificateContent(bytes: Buffer): CertificateContent {
  const reader = new FieldReader(bytes);
  const content = readContent(reader);
  reader.finish();
  return content;
}

function readContent(reader: FieldReader): CertificateContent {
  const type = keyTypeOf(reader.text());
  const nonce = reader.string();
  if (nonce.length > nonceBytesMax) throw malformed('nonce is too long');
  const key = readKeyFields(reader, type);
  const serial = reader.uint64();
  const holder = readHolder(reader);
  const keyId = readName(reader, keyIdMax);
  const principals = readPrincipals(reader.string());
  const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
  const options = readOptions(reader.string(), reader.string());
  if (reader.string().length > 0) throw malformed('reserved field is in use');
  const authority = decodePublicKey(reader.string());
  return {
    ...{ holder, nonce, key, serial, keyId, principals },
    ...{ validAfter, validBefore, options, authority },
  };
}

function readHolder(reader: FieldReader): CertificateContent['holder'] {
  const holder = reader.uint32();
  if (holder !== userCertificate && holder !== hostCertificate) {
    throw malformed('certificate of neither user nor host');
  }
  return holder === userCertificate ? 'user' : 'host';
}

function readName(reader: FieldReader, max: number): string {
  const name = reader.text();
  if (name.length > max || !printable.test(name)) throw malformed('name cannot be shown');
  return name;
}

function readPrincipals(list: Buffer): readonly string[] {
  const reader = new FieldReader(list);
  const principals: string[] = [];
  while (reader.remaining > 0) {
    if (principals.length === principalsMax) throw malformed(`more than ${principalsMax} names`);
    const name = readName(reader, principalMax);
    if (name === '') throw malformed('name is empty');
    principals.push(name);
  }
  return principals;
}

/** What an authority signs: all but the signature. */
export function encodeCertificateContent(content: CertificateContent): Buffer {
  const writer = new FieldWriter()
    .string(certificateTypeOf(typeOf(content.key)))
    .string(content.nonce);
  writeKeyFields(writer, content.key);
  const principals = new FieldWriter();
  for (const name of content.principals) principals.string(name);
  const { critical, extensions } = encodeOptions(content.options);
  return writer
    .uint64(content.serial)
    .uint32(content.holder === 'user' ? userCertificate : hostCertificate)
    .string(content.keyId)
    .string(principals.done())
    .uint64(content.validAfter)
    .uint64(content.validBefore)
    .string(critical)
    .string(extensions)
    .string('')
    .string(encodePublicKey(content.authority))
    .done();
}

/** @param content as `encodeCertificateContent` gave it, over which `signature` is; encoded already */
export const joinCertificate = (content: Buffer, signature: Buffer): Buffer =>
  Buffer.concat([content, new FieldWriter().string(signature).done()]);

/** @param now milliseconds since the Unix epoch */
export function isValidAt(
  { validAfter, validBefore }: Pick<Certificate, 'validAfter' | 'validBefore'>,
  now: number,
): boolean {
  const second = BigInt(Math.floor(now / 1000));
  return validAfter <= second && second < validBefore;
}

/** Milliseconds since the Unix epoch; `undefined` when it does not end. */
export function endOf({ validBefore }: Pick<Certificate, 'validBefore'>): number | undefined {
  const milliseconds = Number(validBefore) * 1000;
  return Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
}

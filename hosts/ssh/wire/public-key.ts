// Public keys: RFC 4253 §6.6 (RSA), RFC 5656 §3.1 (ECDSA), RFC 8709 §4 (Ed25519), OpenSSH PROTOCOL.u2f (security keys).
// DSA, Ed448 and small RSA do not exist here.

import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey } from 'node:crypto';

import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import { malformed } from './wire-error.ts';

export type Curve = 'nistp256' | 'nistp384' | 'nistp521';

export type PublicKey =
  | { readonly kind: 'ed25519'; readonly point: Buffer }
  | { readonly kind: 'ecdsa'; readonly curve: Curve; readonly point: Buffer }
  | { readonly kind: 'rsa'; readonly exponent: Buffer; readonly modulus: Buffer }
  /** On a token that signs only while touched; `application` is what it was made for. */
  | { readonly kind: 'sk-ed25519'; readonly point: Buffer; readonly application: string }
  | { readonly kind: 'sk-ecdsa'; readonly point: Buffer; readonly application: string };

/** Bytes of one coordinate. */
export const coordinateBytes = { nistp256: 32, nistp384: 48, nistp521: 66 } as const;

export const keyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const;
export type KeyType = (typeof keyTypes)[number];

export const isKeyType = (text: string): text is KeyType =>
  (keyTypes as readonly string[]).includes(text);

const edBytes = 32;
/** NIST SP 800-57: what is shorter is broken by those who can pay for it. */
const modulusBitsMin = 2048;
const modulusBytesMax = 1024;
/** A long exponent makes each verification slow. */
const exponentBytesMax = 4;
const applicationBytesMax = 256;
/** Longer than the longest key above. */
const keyBytesMax = 2048;

export function typeOf(key: PublicKey): KeyType {
  switch (key.kind) {
    case 'ed25519':
      return 'ssh-ed25519';
    case 'ecdsa':
      return `ecdsa-sha2-${key.curve}`;
    case 'rsa':
      return 'ssh-rsa';
    case 'sk-ed25519':
      return 'sk-ssh-ed25519@openssh.com';
    case 'sk-ecdsa':
      return 'sk-ecdsa-sha2-nistp256@openssh.com';
  }
}

/** @throws WireError for what is no key, or none that is strong enough */
export function decodePublicKey(blob: Buffer): PublicKey {
  if (blob.length > keyBytesMax) throw malformed('key is too long');
  const reader = new FieldReader(blob);
  const type = reader.text();
  if (!isKeyType(type)) throw malformed('key of an unknown type');
  const key = readKeyFields(reader, type);
  reader.finish();
  return key;
}

export function encodePublicKey(key: PublicKey): Buffer {
  const writer = new FieldWriter().string(typeOf(key));
  writeKeyFields(writer, key);
  return writer.done();
}

/** What follows the name of the type, in a key as in a certificate. */
export function readKeyFields(reader: FieldReader, type: KeyType): PublicKey {
  const key = readFields(reader, type);
  // The library knows whether a point is on its curve.
  keyObjectOf(key);
  return key;
}

function readFields(reader: FieldReader, type: KeyType): PublicKey {
  switch (type) {
    case 'ssh-ed25519':
      return { kind: 'ed25519', point: edPoint(reader) };
    case 'ssh-rsa':
      return readRsa(reader);
    case 'sk-ssh-ed25519@openssh.com':
      return { kind: 'sk-ed25519', point: edPoint(reader), application: application(reader) };
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return {
        ...{ kind: 'sk-ecdsa', point: curvePoint(reader, 'nistp256') },
        application: application(reader),
      };
    case 'ecdsa-sha2-nistp256':
      return { kind: 'ecdsa', curve: 'nistp256', point: curvePoint(reader, 'nistp256') };
    case 'ecdsa-sha2-nistp384':
      return { kind: 'ecdsa', curve: 'nistp384', point: curvePoint(reader, 'nistp384') };
    case 'ecdsa-sha2-nistp521':
      return { kind: 'ecdsa', curve: 'nistp521', point: curvePoint(reader, 'nistp521') };
  }
}

function edPoint(reader: FieldReader): Buffer {
  const point = reader.string();
  if (point.length !== edBytes) throw malformed('key of another length');
  return point;
}

/** SEC 1 §2.3.3, uncompressed only, as RFC 5656 §3.1 has it for peers that agreed on nothing else. */
function curvePoint(reader: FieldReader, curve: Curve): Buffer {
  if (reader.text() !== curve) throw malformed('curve is not that of the type');
  const point = reader.string();
  if (point.length !== 1 + 2 * coordinateBytes[curve]) throw malformed('point of another length');
  if (point[0] !== 4) throw malformed('point is compressed');
  return point;
}

function readRsa(reader: FieldReader): PublicKey {
  const exponent = reader.positive(exponentBytesMax);
  const modulus = reader.positive(modulusBytesMax);
  const isOdd = (digits: Buffer): boolean => ((digits.at(-1) ?? 0) & 1) === 1;
  const bits = 8 * modulus.length - (Math.clz32(modulus[0] ?? 0) - 24);
  if (bits < modulusBitsMin) throw malformed(`RSA key of less than ${modulusBitsMin} bits`);
  if (!isOdd(exponent) || !isOdd(modulus) || exponent.equals(Buffer.of(1))) {
    throw malformed('no RSA key');
  }
  return { kind: 'rsa', exponent, modulus };
}

function application(reader: FieldReader): string {
  const text = reader.text();
  if (text.length > applicationBytesMax) throw malformed('application is too long');
  return text;
}

function writeKeyFields(writer: FieldWriter, key: PublicKey): void {
  switch (key.kind) {
    case 'ed25519':
      writer.string(key.point);
      return;
    case 'ecdsa':
      writer.string(key.curve).string(key.point);
      return;
    case 'rsa':
      writer.positive(key.exponent).positive(key.modulus);
      return;
    case 'sk-ed25519':
      writer.string(key.point).string(key.application);
      return;
    case 'sk-ecdsa':
      writer.string('nistp256').string(key.point).string(key.application);
  }
}

export { writeKeyFields };

/** @throws WireError for a point that is not on its curve */
export function keyObjectOf(key: PublicKey): KeyObject {
  try {
    return createPublicKey({ format: 'jwk', key: jwkOf(key) });
  } catch {
    throw malformed('no point of the curve');
  }
}

const jwkCurves = { nistp256: 'P-256', nistp384: 'P-384', nistp521: 'P-521' } as const;

function jwkOf(key: PublicKey) {
  switch (key.kind) {
    case 'ed25519':
    case 'sk-ed25519':
      return { kty: 'OKP', crv: 'Ed25519', x: key.point.toString('base64url') };
    case 'ecdsa':
      return curveJwk(key.curve, key.point);
    case 'sk-ecdsa':
      return curveJwk('nistp256', key.point);
    case 'rsa':
      return {
        kty: 'RSA',
        n: key.modulus.toString('base64url'),
        e: key.exponent.toString('base64url'),
      };
  }
}

function curveJwk(curve: Curve, point: Buffer) {
  const bytes = coordinateBytes[curve];
  const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)];
  return {
    ...{ kty: 'EC', crv: jwkCurves[curve] },
    ...{ x: x.toString('base64url'), y: y.toString('base64url') },
  };
}

/** `SHA256:` and base64 without padding, as OpenSSH prints it. Of a certificate's key it is that of the plain key. */
export function fingerprintOf(blob: Buffer): string {
  const digest = createHash('sha256').update(blob).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

// Signatures: RFC 8332 §3 (RSA with SHA-2), RFC 5656 §3.1.2, RFC 8709 §6, OpenSSH PROTOCOL.u2f. SHA-1 does not exist here.

import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import type { Curve } from './public-key.ts';
import { coordinateBytes } from './public-key.ts';
import { malformed } from './wire-error.ts';

export const signatureAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

export interface Signature {
  readonly algorithm: SignatureAlgorithm;
  /** Of ECDSA the two numbers at their full length, one behind the other (IEEE P1363). */
  readonly value: Buffer;
  /** Only of security keys. */
  readonly token: TokenState | undefined;
}

/** What the security key swears beside the message. */
export interface TokenState {
  /** Bit 0: somebody touched it. Bit 2: it knows who. */
  readonly flags: number;
  readonly counter: number;
}

const signatureBytesMax = 2048;

export const isSignatureAlgorithm = (text: string): text is SignatureAlgorithm =>
  (signatureAlgorithms as readonly string[]).includes(text);

/** @throws WireError */
export function decodeSignature(bytes: Buffer): Signature {
  if (bytes.length > signatureBytesMax) throw malformed('signature is too long');
  const reader = new FieldReader(bytes);
  const algorithm = reader.text();
  if (!isSignatureAlgorithm(algorithm)) throw malformed('signature of an unknown algorithm');
  const value = valueOf(algorithm, reader.string());
  const token = isOnToken(algorithm) ? readToken(reader) : undefined;
  reader.finish();
  return { algorithm, value, token };
}

export function encodeSignature({ algorithm, value, token }: Signature): Buffer {
  const curve = curveOf(algorithm);
  const writer = new FieldWriter().string(algorithm);
  writer.string(curve === undefined ? value : encodePair(value));
  if (token !== undefined) writer.uint8(token.flags).uint32(token.counter);
  return writer.done();
}

export const isOnToken = (algorithm: SignatureAlgorithm): boolean => algorithm.startsWith('sk-');

/** `undefined` for what is no ECDSA. */
export function curveOf(algorithm: SignatureAlgorithm): Curve | undefined {
  const [, curve] = /^(?:sk-)?ecdsa-sha2-(nistp\d+)/.exec(algorithm) ?? [];
  return curve as Curve | undefined;
}

export function readToken(reader: FieldReader): TokenState {
  return { flags: reader.uint8(), counter: reader.uint32() };
}

/** @param field as it follows the name of the algorithm */
export function valueOf(algorithm: SignatureAlgorithm, field: Buffer): Buffer {
  const curve = curveOf(algorithm);
  return curve === undefined ? field : decodePair(field, coordinateBytes[curve]);
}

function decodePair(field: Buffer, bytes: number): Buffer {
  const reader = new FieldReader(field);
  const pair = Buffer.alloc(2 * bytes);
  for (const end of [bytes, 2 * bytes]) {
    const digits = reader.positive(bytes);
    digits.copy(pair, end - digits.length);
  }
  reader.finish();
  return pair;
}

function encodePair(value: Buffer): Buffer {
  const half = value.length / 2;
  return new FieldWriter().positive(value.subarray(0, half)).positive(value.subarray(half)).done();
}

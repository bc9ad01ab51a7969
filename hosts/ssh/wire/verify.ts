// Whether a signature is by a key. Security keys sign a digest of the message with what they swear (PROTOCOL.u2f).

import { createHash, verify } from 'node:crypto';

import type { PublicKey } from './public-key.ts';
import { keyObjectOf } from './public-key.ts';
import type { Signature, SignatureAlgorithm } from './signature.ts';

const touched = 0x01;
const recognised = 0x04;

export type VerifyResult = 'good' | 'bad' | 'untouched' | 'unrecognised';

/** @param mustRecognise the security key must have known its holder, by PIN or finger */
export function verifySignature(
  key: PublicKey,
  signature: Signature,
  {
    message,
    mustRecognise = false,
  }: { readonly message: Buffer; readonly mustRecognise?: boolean },
): VerifyResult {
  if (!algorithmsOf(key).includes(signature.algorithm)) return 'bad';
  const isGood = verify(
    digestOf(signature.algorithm),
    signedBytes(key, signature, message),
    { key: keyObjectOf(key), dsaEncoding: 'ieee-p1363' },
    signature.value,
  );
  if (!isGood) return 'bad';
  if (signature.token === undefined) return mustRecognise ? 'unrecognised' : 'good';
  const { flags } = signature.token;
  // Even where a certificate says `no-touch-required`: a stolen session of an agent must not sign.
  if ((flags & touched) === 0) return 'untouched';
  return mustRecognise && (flags & recognised) === 0 ? 'unrecognised' : 'good';
}

/** What a key may sign with: RFC 8332 §3 for RSA, for the others their own name. */
export function algorithmsOf(key: PublicKey): readonly SignatureAlgorithm[] {
  switch (key.kind) {
    case 'ed25519':
      return ['ssh-ed25519'];
    case 'ecdsa':
      return [`ecdsa-sha2-${key.curve}`];
    case 'rsa':
      return ['rsa-sha2-512', 'rsa-sha2-256'];
    case 'sk-ed25519':
      return ['sk-ssh-ed25519@openssh.com'];
    case 'sk-ecdsa':
      return ['sk-ecdsa-sha2-nistp256@openssh.com'];
  }
}

/** `null` where the algorithm has its own. */
export function digestOf(algorithm: SignatureAlgorithm): string | null {
  switch (algorithm) {
    case 'ssh-ed25519':
    case 'sk-ssh-ed25519@openssh.com':
      return null;
    case 'ecdsa-sha2-nistp384':
      return 'sha384';
    case 'ecdsa-sha2-nistp521':
    case 'rsa-sha2-512':
      return 'sha512';
    case 'ecdsa-sha2-nistp256':
    case 'rsa-sha2-256':
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return 'sha256';
  }
}

function signedBytes(key: PublicKey, { token }: Signature, message: Buffer): Buffer {
  if (!('application' in key) || token === undefined) return message;
  const state = Buffer.alloc(5);
  state.writeUInt8(token.flags);
  state.writeUInt32BE(token.counter, 1);
  return Buffer.concat([sha256(key.application), state, sha256(message)]);
}

const sha256 = (content: string | Buffer): Buffer => createHash('sha256').update(content).digest();

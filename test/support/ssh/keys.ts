// Keys of every kind, with what signs for them: security keys as their firmware would.

import type { KeyObject } from 'node:crypto';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

import type { PublicKey } from '../../../hosts/ssh/wire/index.ts';
import { encodePublicKey, encodeSignature } from '../../../hosts/ssh/wire/index.ts';

export interface TokenPress {
  /** Bit 0: touched. Bit 2: recognised. */
  readonly flags?: number;
  readonly counter?: number;
}

export interface TestKey {
  readonly key: PublicKey;
  readonly blob: Buffer;
  readonly privateKey: KeyObject;
  /** A signature as it goes over the wire. */
  readonly sign: (message: Buffer, press?: TokenPress) => Buffer;
}

export const keyKinds = [
  'ed25519',
  'nistp256',
  'nistp384',
  'nistp521',
  'rsa',
  'sk-ed25519',
  'sk-ecdsa',
] as const;
export type KeyKind = (typeof keyKinds)[number];

const application = 'ssh:';
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest();

export function testKey(kind: KeyKind, modulusLength = 2048): TestKey {
  switch (kind) {
    case 'ed25519':
      return edKey(kind);
    case 'sk-ed25519':
      return edKey(kind);
    case 'rsa':
      return rsaKey(modulusLength);
    default:
      return curveKey(kind);
  }
}

function edKey(kind: 'ed25519' | 'sk-ed25519'): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  if (kind === 'sk-ed25519') {
    return onToken({ kind, point, application }, privateKey, 'sk-ssh-ed25519@openssh.com');
  }
  return plain({ kind, point }, privateKey, { algorithm: 'ssh-ed25519', digest: null });
}

function rsaKey(modulusLength: number): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const [modulus, exponent] = [Buffer.from(n, 'base64url'), Buffer.from(e, 'base64url')];
  return plain({ kind: 'rsa', modulus, exponent }, privateKey, {
    ...{ algorithm: 'rsa-sha2-512', digest: 'sha512' },
  });
}

const curves = {
  nistp256: { name: 'P-256', digest: 'sha256' },
  nistp384: { name: 'P-384', digest: 'sha384' },
  nistp521: { name: 'P-521', digest: 'sha512' },
} as const;

function curveKey(kind: 'nistp256' | 'nistp384' | 'nistp521' | 'sk-ecdsa'): TestKey {
  const curve = kind === 'sk-ecdsa' ? 'nistp256' : kind;
  const { name: namedCurve, digest } = curves[curve];
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(x, 'base64url'),
    Buffer.from(y, 'base64url'),
  ]);
  if (kind === 'sk-ecdsa') {
    const algorithm = 'sk-ecdsa-sha2-nistp256@openssh.com';
    return onToken({ kind, point, application }, privateKey, algorithm);
  }
  const algorithm = `ecdsa-sha2-${kind}` as const;
  return plain({ kind: 'ecdsa', curve: kind, point }, privateKey, { algorithm, digest });
}

type Algorithm = Parameters<typeof encodeSignature>[0]['algorithm'];

function plain(
  key: PublicKey,
  privateKey: KeyObject,
  { algorithm, digest }: { readonly algorithm: Algorithm; readonly digest: string | null },
): TestKey {
  return {
    ...{ key, privateKey, blob: encodePublicKey(key) },
    sign: (message) => {
      const value = sign(digest, message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return encodeSignature({ algorithm, value, token: undefined });
    },
  };
}

/** OpenSSH PROTOCOL.u2f. */
function onToken(key: PublicKey, privateKey: KeyObject, algorithm: Algorithm): TestKey {
  return {
    ...{ key, privateKey, blob: encodePublicKey(key) },
    sign: (message, { flags = 1, counter = 7 } = {}) => {
      const state = Buffer.alloc(5);
      state.writeUInt8(flags);
      state.writeUInt32BE(counter, 1);
      const signed = Buffer.concat([sha256(application), state, sha256(message)]);
      const digest = algorithm.includes('ecdsa') ? 'sha256' : null;
      const value = sign(digest, signed, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return encodeSignature({ algorithm, value, token: { flags, counter } });
    },
  };
}

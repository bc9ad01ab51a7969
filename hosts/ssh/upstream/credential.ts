// What the gateway logs in to a target with: a key or password of its own, or a certificate that it makes for one session
// (OpenSSH PROTOCOL.certkeys), so that the target's own log says for whom.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

import type { Session, SshCredentialConfig } from '#engine';
import { readSecret } from '#engine';

import type { TargetCredential } from '../guard/index.ts';
import type { PublicKey, Signer } from '../wire/index.ts';
import {
  certificateTypeOf,
  encodePublicKey,
  mintCertificate,
  noOptions,
  signerOf,
  typeOf,
} from '../wire/index.ts';
import { readSigner } from './private-key.ts';

export type ForSession = Pick<Session, 'id' | 'principal'>;

/** For one login to one account, for one session. */
export type CredentialFor = (user: string, session: ForSession) => TargetCredential;

/** A login takes no longer, and clocks differ by no more than the minute before. */
const validSeconds = 300;
const skewSeconds = 60;
const keyIdMax = 256;

/** Not `permit-user-rc`: what it runs on the target nobody has judged. */
const extensions = [
  ...['permit-X11-forwarding', 'permit-agent-forwarding', 'permit-port-forwarding', 'permit-pty'],
];

/**
 * Reads the secrets, once.
 *
 * @param at where in the configuration, for the message
 * @param now milliseconds since the Unix epoch
 * @throws ConfigError `secret-unreadable` or `config-invalid`
 */
export function openCredential(
  at: string,
  config: SshCredentialConfig,
  now: () => number,
): CredentialFor {
  switch (config.kind) {
    case 'key': {
      const signer = readSigner(`${at}.key`, readSecret(config.key));
      const publicKey = encodePublicKey(signer.key);
      const { sign } = signer;
      return () => ({ kind: 'key', algorithm: algorithmOf(signer.key), publicKey, sign });
    }
    case 'password': {
      const password = readSecret(config.password);
      return () => ({ kind: 'password', password: password.reveal() });
    }
    case 'authority': {
      const authority = readSigner(`${at}.authority`, readSecret(config.authority));
      return (user, session) => minted(authority, { user, session, now: now() });
    }
  }
}

interface Mint {
  readonly user: string;
  readonly session: ForSession;
  readonly now: number;
}

/** The key lives as long as the session, in this process alone. */
function minted(authority: Signer, { user, session, now }: Mint): TargetCredential {
  const holder = newKey();
  const second = BigInt(Math.floor(now / 1000));
  const publicKey = mintCertificate(
    {
      ...{ holder: 'user', key: holder.key, serial: randomBytes(8).readBigUInt64BE() | 1n },
      ...{ keyId: keyIdOf(session), principals: [user] },
      validAfter: second - BigInt(skewSeconds),
      validBefore: second + BigInt(validSeconds),
      options: { ...noOptions, extensions },
    },
    authority,
  );
  const algorithm = certificateTypeOf(typeOf(holder.key));
  return { kind: 'key', algorithm, publicKey, sign: holder.sign };
}

function newKey(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const key: PublicKey = { kind: 'ed25519', point: Buffer.from(x, 'base64url') };
  return signerOf(privateKey, encodePublicKey(key));
}

/** Shown in the target's log, where a name must not begin a new line. */
function keyIdOf({ id, principal }: ForSession): string {
  const name = principal.id.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return `${name.slice(0, keyIdMax - id.length - 1)} ${id}`;
}

/** RFC 8332 §3: RSA is named by how it signs. */
const algorithmOf = (key: PublicKey): string => (key.kind === 'rsa' ? 'rsa-sha2-512' : typeOf(key));

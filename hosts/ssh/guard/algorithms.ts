// What both legs speak: nothing with SHA-1, CBC or compression, and nothing that Terrapin reaches (CVE-2023-48795).

import type { Negotiated, Offer } from 'ssh2/lib/protocol/Protocol.js';
import { hybridAvailable, hybridName } from './hybrid-exchange.ts';

const compress = ['none'];

/** Group 18 is left out: one exchange takes the gateway a tenth of a second. */
const keyExchanges = [
  ...(hybridAvailable ? [hybridName] : []),
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group14-sha256',
];

/** Without ChaCha20: clients that know no strict key exchange would choose it, and every client that has it has these. */
const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];

/** The last two for clients without strict key exchange, for whom the first two are weak. */
const authenticators = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
];

const way = { cipher: ciphers, mac: authenticators, compress, lang: [] };

/** Of targets, unless the key that must be presented is known. */
export const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** Signatures that clients may log in with (RFC 8308 §3.1). */
export const loginSignatureAlgorithms = [
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

export const offerOf = (serverHostKey: readonly string[]): Offer => ({
  ...{ kex: keyExchanges, serverHostKey, cs: way, sc: way },
});

/** Without strict key exchange these let someone in the middle drop the first messages unseen. */
export function isWeak({ cs, sc }: Negotiated, strictKeyExchange: boolean): boolean {
  if (strictKeyExchange) return false;
  return [cs, sc].some(({ mac }) => mac.includes('-etm'));
}

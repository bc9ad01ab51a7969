// The gateway's own host keys, in the form in which the library signs with them.

import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { ConfigError } from '#engine/model';

export interface HostKeys {
  /** By the name of the signature algorithm (RFC 8332 for RSA). */
  readonly byAlgorithm: Readonly<Record<string, ParsedKey>>;
  /** Public keys as SSH encodes them. */
  readonly publicKeys: readonly Buffer[];
}

const algorithmsOf = (type: string): readonly string[] =>
  type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];

/** @param privateKeys Without passphrases; one of each type counts. @throws ConfigError `config-invalid` */
export function hostKeysOf(privateKeys: readonly (Buffer | string)[]): HostKeys {
  const parsed = privateKeys.map(parse);
  const byAlgorithm: Record<string, ParsedKey> = {};
  for (const key of parsed) {
    for (const algorithm of algorithmsOf(key.type)) byAlgorithm[algorithm] ??= key;
  }
  return { byAlgorithm, publicKeys: parsed.map((key) => key.getPublicSSH()) };
}

function parse(text: Buffer | string): ParsedKey {
  const parsed = ssh2.utils.parseKey(text);
  // Typed as one key; OpenSSH's format may hold several, of which ssh-keygen writes one.
  const [key] = [parsed].flat();
  if (key instanceof Error || key === undefined || !key.isPrivateKey()) {
    throw new ConfigError('config-invalid', 'a host key is no private key without a passphrase', {
      hint: 'make one with ssh-keygen -t ed25519 -N ""',
    });
  }
  return key;
}

// Private keys that the gateway holds: OpenSSH's format and PEM, without a passphrase.

import { createPrivateKey } from 'node:crypto';

import ssh2 from 'ssh2';

import type { Secret } from '#engine';
import { ConfigError } from '#engine';

import type { Signer } from '../wire/index.ts';
import { WireError, signerOf } from '../wire/index.ts';

/**
 * @param at where in the configuration, for the message
 * @throws ConfigError `config-invalid`
 */
export function readSigner(at: string, secret: Secret): Signer {
  // Typed as one key, but OpenSSH's format may hold several.
  const [parsed, ...others] = [ssh2.utils.parseKey(secret.reveal())].flat();
  if (parsed instanceof Error) throw unusable(at, parsed);
  if (parsed === undefined || others.length > 0 || !parsed.isPrivateKey()) throw unusable(at);
  try {
    return signerOf(createPrivateKey(parsed.getPrivatePEM()), parsed.getPublicSSH());
  } catch (error) {
    if (error instanceof WireError) throw unusable(`${at}: ${error.message}`, error);
    throw unusable(at, error);
  }
}

function unusable(at: string, cause?: unknown): ConfigError {
  return new ConfigError('config-invalid', `${at}: is no private key that can be used`, {
    hint: 'one without a passphrase, in a file that only the gateway can read: ssh-keygen -p -N ""',
    cause,
  });
}

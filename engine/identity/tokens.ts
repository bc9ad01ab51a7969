// API tokens: random, shown once, kept only as SHA-256 in tokens.yaml. A token has at least 128 random
// bits, so a fast hash is enough: there is nothing to guess.

import { hash, randomBytes } from 'node:crypto';

import type { Principal } from '../model/index.ts';
import { ConfigError } from '../model/index.ts';
import { validatorOf } from '../config/validate.ts';
import tokensSchema from '../../schemas/tokens.json' with { type: 'json' };
import type { CredentialId } from './authenticated.ts';
import type { Listed, PrincipalTable } from './principal-file.ts';
import { expiryOf, readYaml } from './principal-file.ts';

const tokenPrefix = 'slp_';
const tokenBytes = 24;

interface TokenRecord {
  readonly id: string;
  readonly kind?: Principal['kind'];
  readonly groups?: readonly string[];
  readonly hash: string;
  readonly expires?: string;
}

interface TokensFile {
  readonly tokens: readonly TokenRecord[];
}

const validateTokens = validatorOf(tokensSchema);

/** @throws ConfigError `config-unreadable` or `config-invalid` with the path of the mistake. */
export function readTokens(file: string): PrincipalTable {
  const document = readYaml(file);
  validateTokens(document, file);
  const table = new Map<CredentialId, Listed>();
  for (const [index, token] of (document as TokensFile).tokens.entries()) {
    if (table.has(token.hash)) {
      throw new ConfigError('config-invalid', `${file}: tokens.${index}.hash: is listed twice`);
    }
    table.set(token.hash, {
      principal: { id: token.id, kind: token.kind ?? 'human', groups: token.groups ?? [] },
      credential: token.hash,
      expiresAt: expiryOf(`${file}: tokens.${index}.expires`, token.expires),
    });
  }
  return table;
}

/** The hash under which a token is listed, `sha256:` and 64 hex digits. */
export function hashToken(token: string): CredentialId {
  return `sha256:${hash('sha256', token)}`;
}

/** A new random token and the hash to list in tokens.yaml. */
export function createToken(): { readonly token: string; readonly hash: CredentialId } {
  const token = tokenPrefix + randomBytes(tokenBytes).toString('base64url');
  return { token, hash: hashToken(token) };
}

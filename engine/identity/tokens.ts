// API tokens: random, shown once, kept only as SHA-256 in tokens.yaml. A token has at least 128 random
// bits, so a fast hash is enough: there is nothing to guess.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import type { Principal } from '../model/index.ts';
import { ConfigError } from '../model/index.ts';
import { validatorOf } from '../config/validate.ts';
import tokensSchema from '../../schemas/tokens.json' with { type: 'json' };

const tokenPrefix = 'slp_';
const tokenBytes = 24;

/** Names one credential without revealing it, so that a live session can be matched to it. */
export type CredentialId = string;

export interface Authenticated {
  readonly principal: Principal;
  readonly credential: CredentialId;
  /** Milliseconds since the Unix epoch; the session ends then. */
  readonly expiresAt: number | undefined;
}

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

export type TokenTable = ReadonlyMap<CredentialId, Authenticated>;

/** @throws ConfigError `config-unreadable` or `config-invalid` with the path of the mistake. */
export function readTokens(file: string): TokenTable {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${file}: cannot be read`, { cause });
  }
  const table = new Map<CredentialId, Authenticated>();
  for (const [index, token] of parseTokens(file, text).tokens.entries()) {
    if (table.has(token.hash)) {
      throw new ConfigError('config-invalid', `${file}: tokens.${index}.hash: is listed twice`);
    }
    const expiresAt = token.expires === undefined ? undefined : Date.parse(token.expires);
    if (Number.isNaN(expiresAt)) {
      throw new ConfigError('config-invalid', `${file}: tokens.${index}.expires: is no such date`);
    }
    table.set(token.hash, {
      principal: { id: token.id, kind: token.kind ?? 'human', groups: token.groups ?? [] },
      credential: token.hash,
      expiresAt,
    });
  }
  return table;
}

function parseTokens(file: string, text: string): TokensFile {
  let document: unknown;
  try {
    document = parse(text);
  } catch (cause) {
    throw new ConfigError('config-invalid', `${file}: is not YAML`, { cause });
  }
  validateTokens(document, file);
  return document as TokensFile;
}

/** The hash under which a token is listed, `sha256:` and 64 hex digits. */
export function hashToken(token: string): CredentialId {
  return `sha256:${createHash('sha256').update(token).digest('hex')}`;
}

/** A new random token and the hash to list in tokens.yaml. */
export function createToken(): { readonly token: string; readonly hash: CredentialId } {
  const token = tokenPrefix + randomBytes(tokenBytes).toString('base64url');
  return { token, hash: hashToken(token) };
}

/** Who holds this token at `now`; the same `undefined` for unknown and expired ones. */
export function authenticate(
  table: TokenTable,
  token: string,
  now: number,
): Authenticated | undefined {
  const found = table.get(hashToken(token));
  if (found?.expiresAt !== undefined && found.expiresAt <= now) return undefined;
  return found;
}

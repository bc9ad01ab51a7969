// Lines of public keys, as `ssh-keygen` writes them and authorized_keys and TrustedUserCAKeys hold them (sshd(8)): type,
// base64, comment. Options in front of a key are refused, since nobody would honour them.

import type { PublicKey } from './public-key.ts';
import { decodePublicKey, encodePublicKey, fingerprintOf, typeOf } from './public-key.ts';
import { WireError, malformed } from './wire-error.ts';

export interface ListedKey {
  readonly key: PublicKey;
  readonly blob: Buffer;
  readonly fingerprint: string;
  readonly comment: string;
}

const lineMax = 8 * 1024;
const line =
  /^(?<type>[!-~]+)[ \t]+(?<base64>[A-Za-z0-9+/]+={0,2})(?:[ \t]+(?<comment>[^\p{Cc}]*))?$/u;

/** @throws WireError */
export function readPublicKeyLine(text: string): ListedKey {
  if (text.length > lineMax) throw malformed('line is too long');
  const { type, base64 = '', comment = '' } = line.exec(text.trim())?.groups ?? {};
  const blob = Buffer.from(base64, 'base64');
  if (type === undefined || blob.toString('base64') !== base64) {
    throw malformed('line is not a type, base64 and a comment');
  }
  const key = decodePublicKey(blob);
  if (typeOf(key) !== type) throw malformed('key is of another type than its line says');
  return { key, blob, fingerprint: fingerprintOf(blob), comment: comment.trim() };
}

export function isPublicKeyLine(text: string): boolean {
  try {
    readPublicKeyLine(text);
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/**
 * A key a line; blank lines and those that begin with `#` count for nothing. At least one.
 *
 * @throws WireError with the number of the line
 */
export function readPublicKeyLines(text: string): readonly ListedKey[] {
  const keys: ListedKey[] = [];
  for (const [index, each] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(each)) continue;
    try {
      keys.push(readPublicKeyLine(each));
    } catch (error) {
      throw malformed(`line ${index + 1}: ${error instanceof Error ? error.message : ''}`);
    }
  }
  if (keys.length === 0) throw malformed('holds no public key');
  return keys;
}

export function formatPublicKeyLine(key: PublicKey, comment: string): string {
  return `${typeOf(key)} ${encodePublicKey(key).toString('base64')} ${comment}`.trimEnd();
}

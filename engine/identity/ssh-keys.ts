// Public keys of callers, by fingerprint: whose they are, by ssh-keys.yaml. The host has verified what was signed.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { validatorOf } from '../config/validate.ts';
import type { Principal } from '../model/index.ts';
import { ConfigError } from '../model/index.ts';
import keysSchema from '../../schemas/ssh-keys.json' with { type: 'json' };
import type { CredentialId } from './authenticated.ts';
import { networkList } from './networks.ts';
import type { Listed, PrincipalTable } from './principal-file.ts';
import { expiryOf, readYaml } from './principal-file.ts';

/** `SHA256:` and the base64 of a digest, as OpenSSH prints it: to the engine just a name. */
export type Fingerprint = string;

interface KeyRecord {
  readonly key: string;
  readonly id: string;
  readonly kind?: Principal['kind'];
  readonly groups?: readonly string[];
  readonly expires?: string;
  readonly from?: readonly string[];
}

const validateKeys = validatorOf(keysSchema);

export const credentialOfKey = (fingerprint: Fingerprint): CredentialId => `ssh-key:${fingerprint}`;

/** Whether the host would ever accept the key of a line; the engine itself knows no formats. */
export type Accepts = (line: string) => boolean;
const any: Accepts = () => true;

/** @throws ConfigError `config-unreadable` or `config-invalid` with the path of the mistake. */
export function readSshKeys(file: string, accepts = any): PrincipalTable {
  const document = readYaml(file);
  validateKeys(document, file);
  const table = new Map<CredentialId, Listed>();
  const { keys } = document as { readonly keys: readonly KeyRecord[] };
  for (const [index, record] of keys.entries()) {
    const at = `${file}: keys.${index}`;
    const credential = credentialOfKey(fingerprintOfLine(`${at}.key`, record.key, accepts));
    if (table.has(credential)) throw invalid(`${at}.key: is listed twice`);
    const { id, kind = 'human', groups = [], expires, from } = record;
    if (from !== undefined && networkList(from) === undefined) {
      throw invalid(`${at}.from: holds what is no network`);
    }
    const expiresAt = expiryOf(`${at}.expires`, expires);
    table.set(credential, {
      ...{ principal: { id, kind, groups }, credential, expiresAt },
      networks: from,
    });
  }
  return table;
}

/**
 * Fingerprints of the keys in a file with one a line; blank lines and those with `#` count for nothing.
 *
 * @throws ConfigError `config-unreadable` or `config-invalid`
 */
export function readFingerprints(file: string, accepts = any): ReadonlySet<Fingerprint> {
  const fingerprints = readLines(file).map(([line, number]) =>
    fingerprintOfLine(`${file}:${number}`, line, accepts),
  );
  if (fingerprints.length > 0) return new Set(fingerprints);
  throw invalid(`${file}: holds no public key`);
}

function readLines(file: string): readonly (readonly [string, number])[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${file}: cannot be read`, { cause });
  }
  const numbered = text.split(/\r?\n/).map((line, index) => [line, index + 1] as const);
  return numbered.filter(([line]) => !/^\s*(#|$)/.test(line));
}

/**
 * Of a line as `ssh-keygen` writes it: type, base64, comment. What the key itself says is for the host to understand:
 * here it is only made sure that it is one key without options, so that nothing is listed under a wrong name.
 */
function fingerprintOfLine(at: string, line: string, accepts: Accepts): Fingerprint {
  const words = /^([!-~]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t][^\p{Cc}]*)?$/u.exec(line.trim());
  const [, type = '', base64 = ''] = words ?? [];
  const blob = Buffer.from(base64, 'base64');
  const named =
    blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') : '';
  if (type === '' || named !== type || blob.toString('base64') !== base64) {
    throw invalid(`${at}: is no public key`, {
      hint: 'it is the line of a .pub file: type, base64, comment, and no options',
    });
  }
  if (!accepts(line)) {
    throw invalid(`${at}: is no key that is ever accepted`, {
      hint: 'Ed25519, ECDSA, RSA of 2048 to 8192 bits, or a security key',
    });
  }
  const digest = createHash('sha256').update(blob).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

const invalid = (message: string, fields: { readonly hint?: string } = {}): ConfigError =>
  new ConfigError('config-invalid', message, fields);

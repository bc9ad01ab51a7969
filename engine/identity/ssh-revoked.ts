// Keys and certificates that are refused although they are listed or signed, by ssh-revoked.yaml.

import { validatorOf } from '../config/validate.ts';
import { ConfigError } from '../model/index.ts';
import revokedSchema from '../../schemas/ssh-revoked.json' with { type: 'json' };
import { readYaml } from './principal-file.ts';
import type { Fingerprint } from './ssh-keys.ts';

interface RevokedRecord {
  readonly key?: Fingerprint;
  readonly serial?: number | string;
  readonly key_id?: string;
  readonly authority?: Fingerprint;
}

/** What a certificate says of itself that can be revoked. */
export interface Revocable {
  readonly keyFingerprint: Fingerprint;
  readonly authorityFingerprint: Fingerprint;
  readonly serial: bigint;
  readonly keyId: string;
}

export interface RevokedTable {
  readonly keys: ReadonlySet<Fingerprint>;
  readonly coversCertificate: (certificate: Revocable) => boolean;
}

export const nothingRevoked: RevokedTable = {
  keys: new Set(),
  coversCertificate: () => false,
};

const validateRevoked = validatorOf(revokedSchema);

/** @throws ConfigError `config-unreadable` or `config-invalid` with the path of the mistake. */
export function readRevoked(file: string): RevokedTable {
  const document = readYaml(file);
  validateRevoked(document, file);
  const { revoked } = document as { readonly revoked: readonly RevokedRecord[] };
  for (const [index, record] of revoked.entries()) requireOne(`${file}: revoked.${index}`, record);
  const keys = new Set(revoked.flatMap(({ key }) => key ?? []));
  const marks = new Set(revoked.flatMap(markOf));
  return {
    keys,
    coversCertificate: ({ keyFingerprint, authorityFingerprint, serial, keyId }) =>
      keys.has(keyFingerprint) ||
      keys.has(authorityFingerprint) ||
      ['', authorityFingerprint].some(
        (authority) =>
          marks.has(mark(authority, 'serial', String(serial))) ||
          marks.has(mark(authority, 'key-id', keyId)),
      ),
  };
}

function requireOne(at: string, { key, serial, key_id: keyId, authority }: RevokedRecord): void {
  const marks = [key, serial, keyId].filter((value) => value !== undefined);
  if (marks.length !== 1) {
    throw new ConfigError('config-invalid', `${at}: needs key, serial or key_id, one of them`);
  }
  if (key !== undefined && authority !== undefined) {
    throw new ConfigError('config-invalid', `${at}.authority: goes with serial or key_id`);
  }
}

function markOf({ serial, key_id: keyId, authority = '' }: RevokedRecord): readonly string[] {
  if (serial !== undefined) return [mark(authority, 'serial', String(serial))];
  return keyId === undefined ? [] : [mark(authority, 'key-id', keyId)];
}

const mark = (authority: string, kind: 'serial' | 'key-id', value: string): string =>
  JSON.stringify([authority, kind, value]);

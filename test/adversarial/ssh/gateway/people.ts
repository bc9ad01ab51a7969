// Keys and certificates of the arena, held by the attacker as files of anybody's would be.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { CertificateContent } from '../../../../hosts/ssh/wire/index.ts';
import {
  fingerprintOf,
  forever,
  mintCertificate,
  noOptions,
  signerOf,
} from '../../../../hosts/ssh/wire/index.ts';
import type { TestKey } from '../../../support/ssh/keys.ts';
import { testKey } from '../../../support/ssh/keys.ts';

const authority = testKey('ed25519');

export const people = {
  /** Listed as that of `kay`, who may work. */
  listed: testKey('ed25519'),
  /** On a security key, listed too. */
  token: testKey('sk-ed25519'),
  /** Listed, but only for elsewhere. */
  elsewhere: testKey('ed25519'),
  expired: testKey('ed25519'),
  revoked: testKey('ed25519'),
  stranger: testKey('ed25519'),
  authority,
  otherAuthority: testKey('ed25519'),
} as const;

const lineOf = ({ blob }: TestKey): string => {
  const type = blob.toString('latin1', 4, 4 + blob.readUInt32BE());
  return `${type} ${blob.toString('base64')}`;
};

export const revokedSerial = 666n;
const groups = ['engineering'];
/** Documentation addresses (RFC 5737): nobody comes from there. */
export const farAway = '192.0.2.0/24';

const { listed, token, elsewhere, expired, revoked } = people;
/** Entries of ssh-keys.yaml. */
export const peoplesKeys: readonly object[] = [
  { id: 'kay', key: lineOf(listed), groups },
  { id: 'tom', key: lineOf(token), groups },
  { id: 'far', key: lineOf(elsewhere), groups, from: [farAway] },
  { id: 'old', key: lineOf(expired), groups, expires: '2020-01-01T00:00:00Z' },
  { id: 'rex', key: lineOf(revoked), groups },
];

/** Files that `identity.ssh` names. */
export async function writePeople(directory: string): Promise<void> {
  const at = (name: string): string => join(directory, name);
  await writeFile(at('authorities'), `${lineOf(authority)}\n`);
  const principals = ['ada', 'dora'].map((name) => ({ name, groups }));
  await writeFile(at('principals.yaml'), JSON.stringify({ principals }));
  await writeFile(at('revoked.yaml'), JSON.stringify(revocations));
}

export async function revokeToken(directory: string, principal: string): Promise<void> {
  const file = join(directory, 'tokens.yaml');
  const { tokens } = JSON.parse(await readFile(file, 'utf8')) as {
    readonly tokens: readonly { readonly id: string }[];
  };
  const left = tokens.filter(({ id }) => id !== principal);
  await writeFile(`${file}.new`, JSON.stringify({ tokens: left }));
  await rename(`${file}.new`, file);
}

const revocations = {
  revoked: [{ key: fingerprintOf(people.revoked.blob) }, { serial: Number(revokedSerial) }],
};

/** For the key of `stranger`, in the name of `ada`, but for what is changed. */
export function certificate(
  change: Partial<CertificateContent> = {},
  by: TestKey = authority,
): Buffer {
  const content = {
    ...({ holder: 'user', key: people.stranger.key, serial: 1n, keyId: 'arena' } as const),
    ...{ principals: ['ada'], validAfter: 0n, validBefore: forever, options: noOptions },
    ...change,
  };
  return mintCertificate(content, signerOf(by.privateKey, by.blob));
}

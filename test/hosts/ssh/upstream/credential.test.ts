import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { utils } from 'ssh2';

import type { SshCredentialConfig } from '../../../../engine/config/index.ts';
import { sessionId } from '../../../../engine/model/index.ts';
import { openCredential } from '../../../../hosts/ssh/upstream/credential.ts';
import {
  decodeCertificate,
  decodePublicKey,
  decodeSignature,
  encodePublicKey,
  fingerprintOf,
  isValidAt,
  verifySignature,
} from '../../../../hosts/ssh/wire/index.ts';

const noon = Date.UTC(2026, 10, 21, 12);
const message = Buffer.from('log me in');
const session = {
  id: sessionId('4711'),
  principal: { id: 'ada@example.com', kind: 'human', groups: [] },
} as const;

let directory: string;
const file = (name: string, text: string) => {
  writeFileSync(join(directory, name), text);
  return { file: join(directory, name) };
};
const open = (config: Partial<SshCredentialConfig>) =>
  openCredential(
    'targets.web-1.credential',
    { users: ['deploy'], ...config } as SshCredentialConfig,
    () => noon,
  );

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sallyport-ssh-credential-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('a credential for a target', () => {
  it.each([
    ['ed25519', 'ssh-ed25519', {}],
    ['ecdsa', 'ecdsa-sha2-nistp384', { bits: 384 }],
    ['rsa', 'rsa-sha2-512', { bits: 2048 }],
  ] as const)('is a key of type %s that signs', (type, algorithm, options) => {
    const pair = utils.generateKeyPairSync(type, options as { bits: 384 });
    const credential = open({ kind: 'key', key: file(type, pair.private) })('deploy', session);
    if (credential.kind !== 'key') throw new Error('no key');
    const signature = decodeSignature(credential.sign(message));
    const key = decodePublicKey(credential.publicKey);
    expect([credential.algorithm, signature.algorithm]).toEqual([algorithm, algorithm]);
    expect(verifySignature(key, signature, { message })).toBe('good');
    expect(pair.public).toContain(credential.publicKey.toString('base64'));
  });

  it('is a key in PEM', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ format: 'pem', type: 'sec1' });
    const credential = open({ kind: 'key', key: file('pem', pem.toString()) })('deploy', session);
    expect(credential).toMatchObject({ kind: 'key', algorithm: 'ecdsa-sha2-nistp256' });
    expect(createPublicKey(privateKey).asymmetricKeyType).toBe('ec');
  });

  it('is a password', () => {
    const credential = open({ kind: 'password', password: file('password', 'hunter2\n') });
    expect(credential('deploy', session)).toEqual({ kind: 'password', password: 'hunter2' });
  });

  const mint = (pair: { readonly private: string }, who: string = session.principal.id) => {
    const credentialFor = open({ kind: 'authority', authority: file('authority', pair.private) });
    const principal = { ...session.principal, id: who };
    const credential = credentialFor('deploy', { ...session, principal });
    if (credential.kind !== 'key') throw new Error('no certificate');
    return { ...credential, certificate: decodeCertificate(credential.publicKey) };
  };

  it('is a certificate for one session, one account and five minutes', () => {
    const authority = utils.generateKeyPairSync('ed25519');
    const { algorithm, sign, certificate } = mint(authority);
    expect(algorithm).toBe('ssh-ed25519-cert-v01@openssh.com');
    expect(certificate).toMatchObject({
      ...{ holder: 'user', principals: ['deploy'], keyId: 'ada@example.com 4711' },
      authorityFingerprint: fingerprintOf(
        Buffer.from(authority.public.split(' ')[1] ?? '', 'base64'),
      ),
    });
    const times = [-61, -60, 0, 299, 300].map((seconds) => noon + seconds * 1000);
    expect(times.map((at) => isValidAt(certificate, at))).toEqual([false, true, true, true, false]);
    const signature = decodeSignature(sign(message));
    expect(verifySignature(certificate.key, signature, { message })).toBe('good');
  });

  it('is another certificate with another key for each session', () => {
    const authority = utils.generateKeyPairSync('ed25519');
    const [one, other] = [mint(authority).certificate, mint(authority).certificate];
    expect(encodePublicKey(one.key)).not.toEqual(encodePublicKey(other.key));
    expect(one.serial).not.toBe(other.serial);
  });

  it('names people in a way that forges no line of the target’s log', () => {
    const authority = utils.generateKeyPairSync('ed25519');
    expect(mint(authority, 'ada\nroot').certificate.keyId).toBe('ada?root 4711');
    expect(mint(authority, 'a'.repeat(1000)).certificate.keyId).toMatch(/^a{251} 4711$/);
  });

  const good = () => utils.generateKeyPairSync('ed25519');
  it.each([
    [
      'a passphrase',
      () =>
        utils.generateKeyPairSync('ed25519', { passphrase: 'x', cipher: 'aes256-ctr', rounds: 1 })
          .private,
    ],
    ['no private half', () => good().public],
    ['nothing of a key', () => 'hunter2'],
    ['a short RSA key', () => utils.generateKeyPairSync('rsa', { bits: 1024 }).private],
    ['a key that is cut short', () => good().private.slice(0, 200)],
  ])('must not have %s', (_name, text) => {
    for (const kind of ['key', 'authority'] as const) {
      const config = { kind, [kind]: file('bad', text()) };
      expect(() => open(config as Partial<SshCredentialConfig>)).toThrow(
        expect.objectContaining({
          code: 'config-invalid',
          message: expect.stringContaining(`targets.web-1.credential.${kind}`),
          hint: expect.stringContaining('passphrase'),
        }),
      );
    }
  });
});

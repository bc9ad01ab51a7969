import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { openHostTrust } from '../../../../hosts/ssh/upstream/host-trust.ts';
import type { CertificateContent } from '../../../../hosts/ssh/wire/index.ts';
import {
  fingerprintOf,
  forever,
  formatPublicKeyLine,
  mintCertificate,
  noOptions,
  signerOf,
} from '../../../../hosts/ssh/wire/index.ts';
import { testKey } from '../../../support/ssh/keys.ts';

const noon = Date.UTC(2026, 10, 21, 12);
const seconds = BigInt(noon / 1000);
const host = testKey('ed25519');
const rsa = testKey('rsa');
const stranger = testKey('ed25519');
const authority = testKey('nistp256');

let file: string;
let directory: string;
const open = (kind: 'keys' | 'authority', lines: readonly string[], name = 'web-1.internal') => {
  writeFileSync(file, lines.join('\n'));
  return openHostTrust('targets.web-1.host', { kind, file, name }, () => noon);
};
const line = ({ key }: { readonly key: typeof host.key }) => formatPublicKeyLine(key, 'a host');

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sallyport-host-trust-'));
  file = join(directory, 'keys');
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('pinned host keys', () => {
  it('are the only ones that are trusted, and asked for', () => {
    const verifier = open('keys', ['# web-1', line(host), line(rsa)]);
    expect(verifier.verify(host.blob)).toEqual({ kind: 'trusted' });
    expect(verifier.verify(rsa.blob)).toEqual({ kind: 'trusted' });
    expect(verifier.verify(stranger.blob)).toEqual({
      kind: 'refused',
      why: `its host key is ${fingerprintOf(stranger.blob)}, and not ${fingerprintOf(host.blob)} or ${fingerprintOf(rsa.blob)}`,
    });
    expect(verifier.algorithms).toEqual(['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256']);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['less than the key', host.blob.subarray(0, -1)],
    ['more than the key', Buffer.concat([host.blob, Buffer.of(0)])],
    [
      'a certificate for the key',
      mintCertificate(
        {
          ...{
            holder: 'host',
            key: host.key,
            serial: 1n,
            keyId: '',
            principals: ['web-1.internal'],
          },
          ...{ validAfter: 0n, validBefore: forever, options: noOptions },
        },
        signerOf(host.privateKey, host.blob),
      ),
    ],
  ])('are not %s', (_name, blob) => {
    expect(open('keys', [line(host)]).verify(blob).kind).toBe('refused');
  });

  it('are needed', () => {
    expect(() => open('keys', ['# none'])).toThrow('targets.web-1.host');
    expect(() => open('keys', [`@cert-authority * ${line(host)}`])).toThrow('line 1');
    const missing = { kind: 'keys', file: join(directory, 'missing') } as const;
    expect(() => openHostTrust('at', missing, () => noon)).toThrow('cannot be read');
  });
});

describe('an authority of hosts', () => {
  const certificate = (change: Partial<CertificateContent> = {}, by = authority) =>
    mintCertificate(
      {
        ...{ holder: 'host', key: host.key, serial: 1n, keyId: 'web-1', options: noOptions },
        ...{ principals: ['web-1', 'web-1.internal'] },
        ...{ validAfter: seconds - 60n, validBefore: seconds + 60n },
        ...change,
      },
      signerOf(by.privateKey, by.blob),
    );

  it('vouches for hosts by their names', () => {
    const verifier = open('authority', [line(authority)]);
    expect(verifier.verify(certificate())).toEqual({ kind: 'trusted', certified: host.blob });
    expect(verifier.verify(certificate({ principals: ['WEB-1.Internal'] })).kind).toBe('trusted');
    expect(verifier.algorithms).toContain('ssh-ed25519-cert-v01@openssh.com');
    expect(verifier.algorithms.every((name) => /^(ssh-ed|ecdsa).*-cert-v01/.test(name))).toBe(true);
  });

  it.each<[string, Buffer, string]>([
    ['by another authority', certificate({}, stranger), 'no authority of hosts'],
    ['by itself', certificate({}, host), 'no authority of hosts'],
    ['for a user', certificate({ holder: 'user' }), 'that of a user'],
    ['for another host', certificate({ principals: ['web-2.internal'] }), 'not for web-1.internal'],
    ['for a pattern', certificate({ principals: ['*.internal', '*'] }), 'not for web-1.internal'],
    ['for nobody', certificate({ principals: [] }), 'for nobody'],
    ['that is over', certificate({ validBefore: seconds }), 'not valid now'],
    ['that is to come', certificate({ validAfter: seconds + 1n }), 'not valid now'],
    [
      'with critical options',
      certificate({ options: { ...noOptions, forceCommand: 'x' } }),
      'critical options',
    ],
    ['that was changed', Buffer.concat([certificate().subarray(0, -1), Buffer.of(0)]), 'signed'],
    ['that is none: its plain key', host.blob, 'no certificate'],
    ['that is the authority itself', authority.blob, 'no certificate'],
  ])('does not vouch by a certificate %s', (_name, blob, why) => {
    expect(open('authority', [line(authority)]).verify(blob)).toEqual({
      kind: 'refused',
      why: expect.stringContaining(why),
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { CertificateContent } from '../../../../hosts/ssh/wire/index.ts';
import {
  FieldWriter,
  WireError,
  certificateTypeOf,
  decodeCertificate,
  decodeCertificateContent,
  encodeCertificateContent,
  encodePublicKey,
  endOf,
  fingerprintOf,
  forever,
  isValidAt,
  joinCertificate,
  mintCertificate,
  noOptions,
  signerOf,
} from '../../../../hosts/ssh/wire/index.ts';
import { keyKinds, testKey } from '../../../support/ssh/keys.ts';

const authority = testKey('ed25519');
const holder = testKey('ed25519');
const content: CertificateContent = {
  ...{ holder: 'user', nonce: Buffer.alloc(32, 7), key: holder.key, serial: 42n },
  ...{ keyId: 'ada', principals: ['ada@example.com', 'dba'] },
  ...{ validAfter: 1000n, validBefore: 2000n },
  options: { ...noOptions, extensions: ['permit-port-forwarding', 'permit-pty'] },
  authority: authority.key,
};
const signed = (bytes: Buffer) => joinCertificate(bytes, authority.sign(bytes));
const certificate = (change: Partial<CertificateContent> = {}) =>
  signed(encodeCertificateContent({ ...content, ...change }));

describe('certificates', () => {
  it.each(keyKinds)('for a key of kind %s say what was signed', (kind) => {
    const { key, blob } = testKey(kind);
    const bytes = certificate({ key });
    expect(decodeCertificate(bytes)).toEqual({
      ...{ ...content, key },
      fingerprint: fingerprintOf(bytes),
      keyFingerprint: fingerprintOf(blob),
      authorityFingerprint: fingerprintOf(authority.blob),
    });
  });

  it.each(keyKinds)('may be signed by a key of kind %s', (kind) => {
    const by = testKey(kind);
    const bytes = encodeCertificateContent({ ...content, authority: by.key });
    expect(decodeCertificate(joinCertificate(bytes, by.sign(bytes))).authority).toEqual(by.key);
    expect(() => decodeCertificate(joinCertificate(bytes, authority.sign(bytes)))).toThrow(
      WireError,
    );
  });

  it('come back as they were written, whatever they say', () => {
    const name = fc.stringMatching(/^[!-~]{1,20}$/);
    const extension = fc.stringMatching(/^[a-z-]{1,20}$/);
    fc.assert(
      fc.property(
        fc.record({
          holder: fc.constantFrom('user' as const, 'host' as const),
          nonce: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
          serial: fc.bigInt({ min: 0n, max: forever }),
          keyId: name,
          principals: fc.array(name, { maxLength: 5 }),
          validAfter: fc.bigInt({ min: 0n, max: forever }),
          validBefore: fc.bigInt({ min: 0n, max: forever }),
          options: fc.record({
            forceCommand: fc.option(name, { nil: undefined }),
            sourceAddress: fc.option(fc.constant(['10.0.0.0/8', '::1']), { nil: undefined }),
            verifyRequired: fc.boolean(),
            extensions: fc.uniqueArray(extension, { maxLength: 5 }).map((names) => names.sort()),
          }),
        }),
        (parts) => {
          const bytes = encodeCertificateContent({ ...content, ...parts });
          const read = decodeCertificateContent(bytes);
          expect(read).toEqual({ ...content, ...parts });
          expect(encodeCertificateContent(read)).toEqual(bytes);
        },
      ),
    );
  });

  it('are refused when anything in them was changed, or is missing', () => {
    const bytes = certificate();
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => decodeCertificate(changed)).toThrow(WireError);
      expect(() => decodeCertificate(bytes.subarray(0, at))).toThrow(WireError);
    }
    expect(() => decodeCertificate(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(WireError);
  });

  const pairs = (...names: readonly string[]) =>
    names.reduce((writer, name) => writer.string(name).string(''), new FieldWriter()).done();
  const text = (value: string) => new FieldWriter().string(value).done();
  const written = (fields: {
    readonly [Name in 'critical' | 'extensions' | 'reserved']?: Buffer;
  }) => {
    const none = Buffer.alloc(0);
    return new FieldWriter()
      .string(certificateTypeOf('ssh-ed25519'))
      .string(content.nonce)
      .string(holder.blob.subarray(-32))
      .uint64(1n)
      .uint32(1)
      .string('ada')
      .string(text('ada'))
      .uint64(0n)
      .uint64(forever)
      .string(fields.critical ?? none)
      .string(fields.extensions ?? none)
      .string(fields.reserved ?? none)
      .string(authority.blob)
      .done();
  };
  const source = (value: string) =>
    new FieldWriter().string('source-address').string(text(value)).done();

  it.each([
    ['an unknown critical option', written({ critical: pairs('only-on-sundays') })],
    [
      'a critical option that comes twice',
      written({ critical: pairs('verify-required', 'verify-required') }),
    ],
    ['options that are not sorted', written({ extensions: pairs('permit-pty', 'a') })],
    ['an option without a name', written({ extensions: pairs('') })],
    [
      'more options than fit',
      written({ extensions: pairs(...Array.from({ length: 33 }, (_, index) => `a${index + 10}`)) }),
    ],
    [
      'verify-required with a value',
      written({ critical: new FieldWriter().string('verify-required').string('x').done() }),
    ],
    ['source addresses that are none', written({ critical: source('10.0.0.0/8,example.com') })],
    ['no source addresses', written({ critical: source('') })],
    ['a reserved field in use', written({ reserved: Buffer.of(1) })],
    ['a name that is empty', encodeCertificateContent({ ...content, principals: [''] })],
    [
      'a name with a line break',
      encodeCertificateContent({ ...content, principals: ['ada\nroot'] }),
    ],
    ['a key id with an escape', encodeCertificateContent({ ...content, keyId: '\u001b[2J' })],
    [
      'more names than fit',
      encodeCertificateContent({ ...content, principals: Array.from({ length: 65 }, () => 'a') }),
    ],
    ['a long nonce', encodeCertificateContent({ ...content, nonce: Buffer.alloc(65) })],
    [
      'more than fits',
      encodeCertificateContent({
        ...content,
        principals: Array.from({ length: 64 }, () => 'a'.repeat(256)),
      }),
    ],
  ])('are refused for %s, although they are signed', (_name, bytes) => {
    expect(() => decodeCertificate(signed(bytes))).toThrow(WireError);
  });

  it('that are made of nothing else are good', () => {
    expect(decodeCertificate(signed(written({}))).principals).toEqual(['ada']);
  });

  it('are refused when a certificate signs', () => {
    const outer = written({}).subarray(0, -4 - authority.blob.length);
    const bytes = Buffer.concat([
      outer,
      text('').subarray(4),
      new FieldWriter().string(certificate()).done(),
    ]);
    expect(() => decodeCertificate(signed(bytes))).toThrow(WireError);
  });

  it('are valid from their first second up to their last', () => {
    expect(
      [999_999, 1_000_000, 1_999_999, 2_000_000].map((now) => isValidAt(content, now)),
    ).toEqual([false, true, true, false]);
    expect(endOf(content)).toBe(2_000_000);
    expect(endOf({ validBefore: forever })).toBeUndefined();
    expect(isValidAt({ validAfter: 0n, validBefore: forever }, Date.now())).toBe(true);
  });
});

describe('minting', () => {
  it.each(['ed25519', 'nistp256', 'nistp384', 'nistp521', 'rsa'] as const)(
    'with a key of kind %s gives what decodes, never twice the same',
    (kind) => {
      const by = testKey(kind);
      const signer = signerOf(by.privateKey, by.blob);
      const [one, other] = [mintCertificate(content, signer), mintCertificate(content, signer)];
      expect(decodeCertificate(one)).toMatchObject({
        ...content,
        nonce: expect.any(Buffer),
        authority: by.key,
      });
      expect(one).not.toEqual(other);
    },
  );

  it('needs both halves of one key', () => {
    expect(() => signerOf(authority.privateKey, holder.blob)).toThrow(WireError);
    const { privateKey, key } = testKey('sk-ed25519');
    expect(() => signerOf(privateKey, encodePublicKey(key))).toThrow(WireError);
  });
});

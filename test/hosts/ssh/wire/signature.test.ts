import { createHash, sign } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import {
  FieldWriter,
  WireError,
  decodeSignature,
  encodeSignature,
  verifySignature,
} from '../../../../hosts/ssh/wire/index.ts';
import { keyKinds, testKey } from '../../../support/ssh/keys.ts';

const message = Buffer.from('log me in');
const pair = (r: Buffer, s: Buffer) => new FieldWriter().string(r).string(s).done();
const nistp256 = (...fields: readonly Buffer[]) =>
  fields
    .reduce(
      (writer, field) => writer.string(field),
      new FieldWriter().string('ecdsa-sha2-nistp256'),
    )
    .done();

describe('signatures', () => {
  it.each(keyKinds)('by a key of kind %s are by that key over that message alone', (kind) => {
    const [one, other] = [testKey(kind), testKey(kind)];
    const bytes = one.sign(message);
    const signature = decodeSignature(bytes);
    expect(encodeSignature(signature)).toEqual(bytes);
    expect(verifySignature(one.key, signature, { message })).toBe('good');
    expect(verifySignature(other.key, signature, { message })).toBe('bad');
    const another = Buffer.from('log me out');
    expect(verifySignature(one.key, signature, { message: another })).toBe('bad');
    for (let end = 0; end < bytes.length; end += 1) {
      expect(() => decodeSignature(bytes.subarray(0, end))).toThrow(WireError);
    }
    for (let at = 0; at < signature.value.length; at += 13) {
      const value = Buffer.from(signature.value);
      value[at] = (value[at] ?? 0) ^ 1;
      expect(verifySignature(one.key, { ...signature, value }, { message })).toBe('bad');
    }
  });

  it.each(keyKinds)('of another kind do not count for a key of kind %s', (kind) => {
    const { key } = testKey(kind);
    for (const other of keyKinds.filter((each) => each !== kind)) {
      const signature = decodeSignature(testKey(other).sign(message));
      expect(verifySignature(key, signature, { message })).toBe('bad');
    }
  });

  it('with SHA-1 do not exist', () => {
    const { privateKey } = testKey('rsa');
    const value = sign('sha1', message, privateKey);
    const bytes = new FieldWriter().string('ssh-rsa').string(value).done();
    expect(() => decodeSignature(bytes)).toThrow(WireError);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['bytes behind it', Buffer.concat([testKey('ed25519').sign(message), Buffer.of(0)])],
    ['more than fits', Buffer.concat([testKey('ed25519').sign(message), Buffer.alloc(4096)])],
    ['one number', nistp256(new FieldWriter().string(Buffer.of(1)).done())],
    ['zero', nistp256(pair(Buffer.of(0), Buffer.of(1)))],
    ['a number that is longer than the curve', nistp256(pair(Buffer.alloc(34, 1), Buffer.of(1)))],
    ['a number with needless zeros', nistp256(pair(Buffer.of(0, 1), Buffer.of(1)))],
  ])('are refused for %s', (_name, bytes) => {
    expect(() => decodeSignature(bytes)).toThrow(WireError);
  });
});

describe('security keys', () => {
  it.each(['sk-ed25519', 'sk-ecdsa'] as const)('of kind %s must be touched', (kind) => {
    const key = testKey(kind);
    const judge = (flags: number, mustRecognise: boolean) =>
      verifySignature(key.key, decodeSignature(key.sign(message, { flags })), {
        ...{ message, mustRecognise },
      });
    expect(judge(0, false)).toBe('untouched');
    expect(judge(4, false)).toBe('untouched');
    expect(judge(1, true)).toBe('unrecognised');
    expect(judge(5, true)).toBe('good');
  });

  it('cannot have what they swear changed', () => {
    const { key, sign: press } = testKey('sk-ed25519');
    const signature = decodeSignature(press(message, { flags: 0 }));
    const token = { flags: 1, counter: signature.token?.counter ?? 0 };
    expect(verifySignature(key, { ...signature, token }, { message })).toBe('bad');
  });

  it('sign for one application', () => {
    const { key, sign: press } = testKey('sk-ed25519');
    const signature = decodeSignature(press(message));
    const other = { ...key, application: 'ssh:other' };
    expect(verifySignature(other, signature, { message })).toBe('bad');
  });

  it('do not pass as plain keys, whose signature is over the message itself', () => {
    const { privateKey, key } = testKey('sk-ed25519');
    const value = sign(null, message, privateKey);
    const signature = { algorithm: 'ssh-ed25519', value, token: undefined } as const;
    expect(verifySignature(key, signature, { message })).toBe('bad');
    const digest = createHash('sha256').update(message).digest();
    expect(verifySignature(key, signature, { message: digest })).toBe('bad');
  });
});

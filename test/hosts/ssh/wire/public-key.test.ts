import { createECDH } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import {
  FieldWriter,
  WireError,
  decodePublicKey,
  encodePublicKey,
  fingerprintOf,
  formatPublicKeyLine,
  readPublicKeyLine,
  readPublicKeyLines,
  typeOf,
} from '../../../../hosts/ssh/wire/index.ts';
import { keyKinds, testKey } from '../../../support/ssh/keys.ts';

const ed = 'ssh-ed25519';
const point = testKey('ed25519').blob.subarray(-32);
const modulus = (bits: number) => Buffer.alloc(bits / 8, 0xff);
const exponent = Buffer.of(1, 0, 1);
const rsa = (e: Buffer, n: Buffer) =>
  new FieldWriter().string('ssh-rsa').positive(e).positive(n).done();
const curve = (type: string, name: string, q: Buffer) =>
  new FieldWriter().string(type).string(name).string(q).done();
const p256 = 'ecdsa-sha2-nistp256';
const onCurve = createECDH('prime256v1').generateKeys();

describe('public keys', () => {
  it.each(keyKinds)('of kind %s come back as they were written', (kind) => {
    const { key, blob } = testKey(kind);
    expect(decodePublicKey(blob)).toEqual(key);
    expect(encodePublicKey(decodePublicKey(blob))).toEqual(blob);
    for (let end = 0; end < blob.length; end += 1) {
      expect(() => decodePublicKey(blob.subarray(0, end))).toThrow(WireError);
    }
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an unknown type', new FieldWriter().string('ssh-dss').string(point).done()],
    ['a certificate', new FieldWriter().string(`${ed}-cert-v01@openssh.com`).done()],
    ['a point that is short', new FieldWriter().string(ed).string(point.subarray(1)).done()],
    ['bytes behind it', new FieldWriter().string(ed).string(point).uint8(0).done()],
    ['RSA of 2040 bits', rsa(exponent, modulus(2040))],
    ['RSA of 1024 bits', rsa(exponent, modulus(1024))],
    ['RSA of 16384 bits', rsa(exponent, modulus(16384))],
    ['an exponent of one', rsa(Buffer.of(1), modulus(2048))],
    ['an even exponent', rsa(Buffer.of(2), modulus(2048))],
    ['a long exponent', rsa(Buffer.alloc(5, 0xff), modulus(2048))],
    ['a modulus that is even', rsa(exponent, Buffer.concat([modulus(2040), Buffer.of(0)]))],
    ['another curve than its type', curve(p256, 'nistp384', onCurve)],
    [
      'a compressed point',
      curve(p256, 'nistp256', Buffer.concat([Buffer.of(2), onCurve.subarray(1)])),
    ],
    [
      'a point off the curve',
      curve(p256, 'nistp256', Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)])),
    ],
    ['the point at infinity', curve(p256, 'nistp256', Buffer.of(0))],
  ])('are refused for %s', (_name, blob) => {
    expect(() => decodePublicKey(blob)).toThrow(WireError);
  });
});

describe('lines of public keys', () => {
  // Made by ssh-keygen, which said this fingerprint.
  const line =
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILdsrJg5hcucPVp73ixpkFvmUNWXLC+wimaFrtcCxT+b ada@laptop';
  const fingerprint = 'SHA256:ROyjaIgt8P6vZyUPnToF0yfYLoWrHV+eopoOXoCmZ7s';

  it('say type, key and comment', () => {
    const listed = readPublicKeyLine(line);
    expect(listed).toMatchObject({ fingerprint, comment: 'ada@laptop' });
    expect(typeOf(listed.key)).toBe(ed);
    expect(fingerprintOf(listed.blob)).toBe(fingerprint);
    expect(formatPublicKeyLine(listed.key, listed.comment)).toBe(line);
    expect(readPublicKeyLine(`${line}\n`).comment).toBe('ada@laptop');
    expect(readPublicKeyLine(line.replace(' ada@laptop', '')).comment).toBe('');
  });

  it.each([
    ['nothing', ''],
    ['no key', ed],
    ['options', `command="true" ${line}`],
    ['another type', line.replace(ed, 'ssh-rsa')],
    ['base64 with a stray sign', line.replace('AAAAC3', 'AAAA C3')],
    ['base64 with bits to spare', line.replace(/(\S+) ada/, (_, base: string) => `${base}A ada`)],
    ['a comment with control characters', `${line}\u001b[2J`],
    ['two keys', `${line}\n${line}`],
    ['a long line', `${line}${' x'.repeat(5000)}`],
  ])('are refused with %s', (_name, text) => {
    expect(() => readPublicKeyLine(text)).toThrow(WireError);
  });

  it('may be several, with comments and blank lines between them', () => {
    expect(readPublicKeyLines(`# team\n\n${line}\r\n  \n${line}\n`)).toHaveLength(2);
    expect(() => readPublicKeyLines('# none\n')).toThrow('no public key');
    expect(() => readPublicKeyLines(`${line}\nssh-rsa x\n`)).toThrow('line 2');
  });
});

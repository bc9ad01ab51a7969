// What a caller of SSH sends before anybody knows who that is, and the files that say who is let in.

import { strict as assert } from 'node:assert';

import * as wire from '../../../hosts/ssh/wire/index.ts';
import type { Target } from '../target.ts';

const isRefusal = (error: unknown): boolean => error instanceof wire.WireError;

const exact =
  <Message>(
    decode: (bytes: Buffer) => Message,
    encode: (message: Message) => Buffer,
  ): Target['check'] =>
  (input) => {
    const encoded = encode(decode(input));
    assert(encoded.equals(input), `encoded again: ${encoded.toString('hex')}`);
  };

/** Values of extensions are not kept: what is written again must mean the same, not be the same. */
const checkContent = (input: Buffer): void => {
  const content = wire.decodeCertificateContent(input);
  const again = wire.decodeCertificateContent(wire.encodeCertificateContent(content));
  assert.deepEqual(again, content);
  for (const name of [...content.principals, content.keyId]) assert.doesNotMatch(name, /\p{Cc}/u);
};

const checkLine = (input: Buffer): void => {
  const listed = wire.readPublicKeyLine(input.toString('latin1'));
  const line = wire.formatPublicKeyLine(listed.key, listed.comment);
  assert.deepEqual(wire.readPublicKeyLine(line), listed);
};

class Refused extends Error {}

const checkLogin = (input: Buffer): void => {
  const name = input.toString('utf8');
  const login = wire.readLogin(name);
  if (login === undefined) throw new Refused();
  const { user, target } = login;
  assert.equal(user === undefined ? target : `${user}@${target}`, name);
  assert.match(name, /^[A-Za-z0-9._@-]{1,128}$/);
};

export const sshLoginTargets: readonly Target[] = [
  {
    name: 'decodePublicKey',
    check: exact(wire.decodePublicKey, wire.encodePublicKey),
    isRefusal,
  },
  {
    name: 'decodeSignature',
    check: exact(wire.decodeSignature, wire.encodeSignature),
    isRefusal,
  },
  {
    name: 'decodeSignedRequest',
    check: exact(wire.decodeSignedRequest, wire.encodeSignedRequest),
    isRefusal,
  },
  {
    name: 'decodeCertificate',
    check: (input) => {
      assert(wire.decodeCertificate(input).fingerprint.startsWith('SHA256:'));
    },
    isRefusal,
  },
  { name: 'decodeCertificateContent', check: checkContent, isRefusal },
  { name: 'readPublicKeyLine', check: checkLine, isRefusal },
  { name: 'readLogin', check: checkLogin, isRefusal: (error) => error instanceof Refused },
];

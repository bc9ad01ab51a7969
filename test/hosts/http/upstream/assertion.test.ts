import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JSONWebKeySet } from 'jose';
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from 'jose';

import type { TemporaryDirectory } from '#lab';
import { temporaryDirectory } from '#lab';
import { sessionId } from '../../../../engine/model/index.ts';
import { AssertionSigner, isReservedHeader } from '../../../../hosts/http/upstream/assertion.ts';

const subject = {
  id: sessionId('s-1'),
  principal: { id: 'ada@example.com', kind: 'human', groups: ['engineering', 'dba'] },
  target: { name: 'billing', labels: {} },
} as const;
const noon = Date.UTC(2026, 10, 21, 12);

let directory: TemporaryDirectory;
let now: number;
const keyFile = () => join(directory.path, 'assertion.key');
const open = () => new AssertionSigner({ keyFile: keyFile(), issuer: 'gateway-1', now: () => now });

const verify = (signer: AssertionSigner, token: string, audience = 'billing') =>
  jwtVerify(token, createLocalJWKSet(JSON.parse(signer.keySet) as JSONWebKeySet), {
    ...{ issuer: 'gateway-1', audience, algorithms: ['ES256'], currentDate: new Date(now) },
    typ: 'JWT',
  });

beforeEach(async () => {
  directory = await temporaryDirectory();
  now = noon;
});
afterEach(() => directory.remove());

describe('the assertion of the principal', () => {
  it('proves to one target who called, for a minute', async () => {
    const signer = open();
    const token = signer.forSession(subject)();
    const { payload, protectedHeader } = await verify(signer, token);
    expect(payload).toEqual({
      ...{ iss: 'gateway-1', sub: 'ada@example.com', aud: 'billing', sid: 's-1', kind: 'human' },
      ...{ groups: ['engineering', 'dba'], iat: noon / 1000, exp: noon / 1000 + 60 },
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const [key] = (JSON.parse(signer.keySet) as JSONWebKeySet).keys;
    expect(protectedHeader.kid).toBe(await calculateJwkThumbprint(key!));
    await expect(verify(signer, token, 'shop')).rejects.toThrow('aud');
    now += 61_000;
    await expect(verify(signer, token)).rejects.toThrow('exp');
  });

  it('is signed once for requests that come close together', () => {
    const assert = open().forSession(subject);
    const first = assert();
    now += 29_999;
    expect(assert()).toBe(first);
    now += 1;
    const second = assert();
    expect(second).not.toBe(first);
    now = noon;
    expect(assert()).not.toBe(second);
  });

  it('is never that of another session', () => {
    const signer = open();
    const tokens = ['s-1', 's-2'].map((id) =>
      signer.forSession({ ...subject, id: sessionId(id) })(),
    );
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  it('keeps its key over restarts, for its owner only, and shows only the public half', async () => {
    const token = open().forSession(subject)();
    const restarted = open();
    await verify(restarted, token);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(JSON.parse(restarted.keySet)).toEqual({
      keys: [
        {
          ...{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' },
          ...{ x: expect.any(String), y: expect.any(String), kid: expect.any(String) },
        },
      ],
    });
  });

  it('does not begin with a damaged key', () => {
    open();
    const pem = readFileSync(keyFile(), 'utf8');
    writeFileSync(keyFile(), pem.slice(0, 60));
    expect(open).toThrow('holds no private key');
  });
});

describe('fields that only the gateway may set', () => {
  it.each([
    ...['Sallyport-Assertion', 'sallyport_assertion', 'SALLYPORT-X', 'X-Sallyport-User'],
    ...['x_sallyport_user', 'X-SALLYPORT_GROUPS', 'Sallyport.Assertion', 'sallyport'],
    ...["Sallyport'Assertion", 'x-sallyport'],
  ])('include %s', (name) => {
    expect(isReservedHeader(name)).toBe(true);
  });

  it.each(['sally-port', 'sallyports', 'x-forwarded-sallyport', 'authorization', ''])(
    'do not include %p',
    (name) => {
      expect(isReservedHeader(name)).toBe(false);
    },
  );
});

import { X509Certificate, createHash, createHmac } from 'node:crypto';

import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JWTPayload } from 'jose';

import { createCertificateAuthority } from '#lab';
import type { Authenticator } from '../../../engine/identity/index.ts';
import type { SigningKey } from './issuer-stand.ts';
import { createKey, noon, seconds, startIssuer } from './issuer-stand.ts';

const encoded = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const authority = createCertificateAuthority('callers');
const presented = () =>
  new X509Certificate(authority.issue({ commonName: 'agent', client: true }).certificatePem);
const thumbprint = ({ raw }: X509Certificate) =>
  createHash('sha256').update(raw).digest('base64url');

let keys: readonly SigningKey[];
let es256: SigningKey;
let stand: Awaited<ReturnType<typeof startIssuer>>;
let now: number;
let door: Authenticator;
let failures: unknown[];

beforeAll(async () => {
  keys = await Promise.all(['ES256', 'RS256', 'PS256', 'EdDSA'].map(createKey));
  es256 = keys[0]!;
});
beforeEach(async () => {
  stand = await startIssuer(keys);
  now = noon;
  failures = [];
  door = stand.open(() => now);
  door.events.on('issuerFailed', (error) => failures.push(error));
});
afterEach(async () => {
  await door.close();
  await stand.stop();
});

const claim = async (claims: JWTPayload, header: object = {}) =>
  door.byBearer(await stand.token(es256, claims, header));

describe('a token of the issuer', () => {
  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'])(
    'names its holder when signed by %s',
    async (alg) => {
      const key = keys.find((each) => each.alg === alg)!;
      expect(await door.byBearer(await stand.token(key))).toEqual({
        principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
        credential: expect.stringMatching(/^issued:[0-9a-f]{64}$/),
        expiresAt: noon + 630_000,
      });
    },
  );

  it('names a workload where the client is its own subject', async () => {
    expect((await claim({ sub: 'cli' }))?.principal).toMatchObject({ id: 'cli', kind: 'workload' });
  });

  it('is verified once in a minute, and not after its end', async () => {
    const token = await stand.token(es256, { exp: seconds(noon) + 20 });
    const first = await door.byBearer(token);
    expect(await door.byBearer(token)).toBe(first);
    now += 49_999;
    expect(await door.byBearer(token)).toBe(first);
    now += 1;
    expect(await door.byBearer(token)).toBeUndefined();
    const longer = await stand.token(es256);
    const second = await door.byBearer(longer);
    now += 60_000;
    const third = await door.byBearer(longer);
    expect(third).toEqual(second);
    expect(third).not.toBe(second);
    expect(stand.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('takes its principal from the claims that are configured', async () => {
    await door.close();
    door = stand.open(() => now, { id: 'email', groups: undefined });
    const email = { email: 'ada@example.com' };
    expect((await claim({ ...email, email_verified: true }))?.principal).toEqual({
      ...{ id: 'ada@example.com', kind: 'human', groups: [] },
    });
    expect(await claim(email)).toBeUndefined();
    expect(await claim({ ...email, email_verified: 'true' })).toBeUndefined();
  });

  it('may be of the types that are configured, with or without media type prefix', async () => {
    expect(await claim({}, { typ: 'application/AT+JWT' })).toBeDefined();
    expect(await claim({}, { typ: 'JWT' })).toBeUndefined();
    expect(await claim({}, { typ: undefined })).toBeUndefined();
    await door.close();
    door = stand.open(() => now, { types: ['jwt'] });
    expect(await claim({}, { typ: 'JWT' })).toBeDefined();
    expect(await claim({}, { typ: undefined })).toBeDefined();
    expect(await claim({}, { typ: 'at+jwt' })).toBeUndefined();
    expect(await claim({}, { typ: 'logout+jwt' })).toBeUndefined();
  });
});

describe('a token is refused', () => {
  it.each<[string, JWTPayload]>([
    ['for another audience', { aud: 'another' }],
    ['for no audience', { aud: undefined } as unknown as JWTPayload],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['after its end and the leeway', { exp: seconds(noon) - 31 }],
    ['without an end', { exp: undefined } as unknown as JWTPayload],
    ['before its time', { nbf: seconds(noon) + 31 }],
    ['without a subject', { sub: undefined } as unknown as JWTPayload],
    ['whose subject is no text', { sub: 7 } as unknown as JWTPayload],
    ['whose subject is empty', { sub: '' }],
    ['whose subject forges lines of a log', { sub: 'ada\n{"event":"granted"}' }],
    ['whose groups are a text', { groups: 'dba' }],
    ['whose groups hold no texts', { groups: ['engineering', { name: 'dba' }] }],
    ['whose groups are too many', { groups: Array.from({ length: 501 }, (_, i) => `g${i}`) }],
    [
      'whose groups are to be asked for elsewhere',
      { groups: undefined, _claim_names: { groups: 'src1' } },
    ],
    ['bound to a key that is proven per request', { cnf: { jkt: 'x'.repeat(43) } }],
    ['bound to nothing in particular', { cnf: {} }],
    ['bound to a text', { cnf: 'x5t#S256' }],
  ])('%s', async (_name, claims) => {
    expect(await claim(claims)).toBeUndefined();
    expect(await claim({})).toBeDefined();
  });

  it.each<[string, () => Promise<string> | string]>([
    [
      'without a signature',
      async () => {
        const [, payload] = (await stand.token(es256)).split('.');
        return `${encoded({ alg: 'none', typ: 'at+jwt' })}.${payload}.`;
      },
    ],
    [
      'signed by HMAC with the public key',
      async () => {
        const rsa = keys[1]!;
        const [, payload] = (await stand.token(rsa)).split('.');
        const text = `${encoded({ alg: 'HS256', kid: rsa.kid, typ: 'at+jwt' })}.${payload}`;
        const mac = createHmac('sha256', JSON.stringify(rsa.jwk)).update(text);
        return `${text}.${mac.digest('base64url')}`;
      },
    ],
    [
      'signed by a key of one algorithm under the name of another',
      async () => stand.token(await createKey('ES256'), {}, { kid: keys[1]!.kid }),
    ],
    [
      'signed by a key that it brings itself',
      async () => {
        const own = await createKey('ES256');
        return stand.token(own, {}, { kid: es256.kid, jwk: own.jwk });
      },
    ],
    [
      'signed by a key that it says where to fetch',
      async () => {
        const own = await createKey('ES256');
        stand.json('/evil', { keys: [own.jwk] });
        const jku = `${stand.issuer}/evil`;
        return stand.token(own, {}, { jku, x5u: jku });
      },
    ],
    [
      'whose key id walks through files and databases',
      async () => stand.token(await createKey('ES256'), {}, { kid: "../../etc/passwd' OR 1=1 --" }),
    ],
    [
      'with a critical extension that nobody knows',
      async () => {
        const [header, payload, signature] = (await stand.token(es256)).split('.');
        const parsed = JSON.parse(Buffer.from(header!, 'base64url').toString()) as object;
        return `${encoded({ ...parsed, crit: ['exp'], exp: 1 })}.${payload}.${signature}`;
      },
    ],
    ['with an escape in its header', () => stand.token(es256, {}, { '\\': 1 })],
    ['that is encrypted', () => 'a.b.c.d.e'],
    ['that is too long', async () => `${await stand.token(es256)}${'A'.repeat(20_000)}`],
    ['that is empty', () => ''],
    ['with a blank behind it', async () => `${await stand.token(es256)} `],
    [
      'whose claims were changed',
      async () => {
        const [header, payload, signature] = (await stand.token(es256)).split('.');
        const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object;
        return `${header}.${encoded({ ...claims, sub: 'root' })}.${signature}`;
      },
    ],
  ])('%s', async (_name, forge) => {
    expect(await door.byBearer(await forge())).toBeUndefined();
    expect(stand.asked).not.toContain('/evil');
    expect(failures).toEqual([]);
  });
});

describe('a token bound to a client certificate', () => {
  it('is worth nothing without that certificate, also once it is known', async () => {
    const own = presented();
    const token = await stand.token(es256, { cnf: { 'x5t#S256': thumbprint(own) } });
    for (const peer of [undefined, presented(), own, undefined, presented(), own]) {
      expect((await door.byBearer(token, peer)) !== undefined).toBe(peer === own);
    }
  });

  it('is refused when it is to be proven in a second way', async () => {
    const own = presented();
    const cnf = { 'x5t#S256': thumbprint(own), jkt: 'x' };
    expect(await door.byBearer(await stand.token(es256, { cnf }), own)).toBeUndefined();
  });
});

describe('the keys of the issuer', () => {
  it('are asked for again because of unknown ids, but not for each of them', async () => {
    expect(await claim({})).toBeDefined();
    const fresh = await createKey('ES256');
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, i) => stand.token(fresh, {}, { kid: `kid-${i}` })),
    );
    for (const token of tokens) expect(await door.byBearer(token)).toBeUndefined();
    expect(stand.asked.filter((path) => path === '/keys')).toHaveLength(1);
  });

  it('are fetched together by callers that come together', async () => {
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, i) => stand.token(es256, { sub: `user-${i}` })),
    );
    const found = await Promise.all(tokens.map((token) => door.byBearer(token)));
    expect(found.every((each) => each !== undefined)).toBe(true);
    expect(stand.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it.each<[string, () => void]>([
    ['it cannot be reached', () => stand.server.close()],
    [
      'its document is about another issuer',
      () =>
        stand.json('/.well-known/openid-configuration', {
          issuer: 'https://evil.example',
          jwks_uri: `${stand.issuer}/keys`,
        }),
    ],
    [
      'it sends the caller elsewhere',
      () =>
        stand.answers.set('/keys', {
          status: 302,
          body: '',
          location: `${stand.issuer}/others`,
        }),
    ],
    [
      'its keys are not protected on their way',
      () =>
        stand.json('/.well-known/openid-configuration', {
          issuer: stand.issuer,
          jwks_uri: stand.issuer.replace('https', 'http'),
        }),
    ],
    ['its answer has no end', () => stand.json('/keys', { keys: 'x'.repeat(600_000) })],
    ['its keys are no JSON', () => stand.answers.set('/keys', { status: 200, body: '<html>' })],
  ])('make no principal while %s; that is told once', async (_name, breakIt) => {
    breakIt();
    for (let i = 0; i < 5; i += 1) expect(await claim({ sub: `user-${i}` })).toBeUndefined();
    expect(failures).toHaveLength(1);
    expect(stand.asked.length).toBeLessThanOrEqual(2);
  });

  it('are found when the issuer comes back', async () => {
    const [document] = [...stand.answers.values()];
    stand.answers.set('/.well-known/openid-configuration', { status: 503, body: '' });
    expect(await claim({})).toBeUndefined();
    stand.answers.set('/.well-known/openid-configuration', document!);
    expect(await claim({})).toBeUndefined();
    now += 5_000;
    expect(await claim({})).toBeDefined();
  });

  it('are not taken from a server that another authority vouches for', async () => {
    await door.close();
    door = stand.open(() => now, { ca: undefined });
    door.events.on('issuerFailed', (error) => failures.push(error));
    expect(await claim({})).toBeUndefined();
    expect(failures).toMatchObject([{ code: 'upstream-unreachable' }]);
    expect(stand.asked).toEqual([]);
  });
});

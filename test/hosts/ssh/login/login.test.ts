import { describe, expect, it } from '@jest/globals';

import type { Authenticated } from '../../../../engine/identity/index.ts';
import type { Dialog, LoginAnswer, LoginAttempt } from '../../../../hosts/ssh/guard/index.ts';
import type { KeyHolders, LoginRule } from '../../../../hosts/ssh/login/index.ts';
import { Login } from '../../../../hosts/ssh/login/index.ts';
import type { CertificateContent } from '../../../../hosts/ssh/wire/index.ts';
import {
  certificateTypeOf,
  encodeSignedRequest,
  fingerprintOf,
  forever,
  mintCertificate,
  noOptions,
  signerOf,
  typeOf,
} from '../../../../hosts/ssh/wire/index.ts';
import type { KeyKind, TestKey, TokenPress } from '../../../support/ssh/keys.ts';
import { keyKinds, testKey } from '../../../support/ssh/keys.ts';

const home = '10.1.2.3';
const ada: Authenticated = {
  ...{ principal: { id: 'ada', kind: 'human', groups: [] }, credential: 'c' },
  expiresAt: undefined,
};
const username = 'deploy@web-1';

interface Change {
  readonly username?: string;
  readonly algorithm?: string;
  readonly signedUser?: string;
  readonly signedService?: string;
  readonly signedKey?: Buffer;
  readonly press?: TokenPress;
  readonly by?: TestKey;
}

const algorithmOf = (key: TestKey): string => {
  const type = typeOf(key.key);
  return type === 'ssh-rsa' ? 'rsa-sha2-512' : type;
};

/** A login by key as an honest client makes it, but for what is changed. */
const proof = (key: TestKey, publicKey: Buffer, change: Change = {}): LoginAttempt => {
  const algorithm = change.algorithm ?? algorithmOf(key);
  const signed = encodeSignedRequest({
    ...{ sessionId: Buffer.alloc(32, 1), user: change.signedUser ?? username, algorithm },
    service: change.signedService ?? 'ssh-connection',
    key: change.signedKey ?? publicKey,
  });
  return {
    ...{ kind: 'key', username: change.username ?? username, algorithm, publicKey, signed },
    signature: (change.by ?? key).sign(signed, change.press),
  };
};

const query = (key: TestKey): LoginAttempt => ({
  ...{ kind: 'key-query', username, algorithm: algorithmOf(key), publicKey: key.blob },
});

const nobody: KeyHolders = { bySshKey: () => undefined, bySshCertificate: () => undefined };

function open(holders: Partial<KeyHolders> = {}, device?: { answers: readonly string[] }) {
  const rules: LoginRule[] = [];
  const login = new Login({
    holders: {
      ...nobody,
      ...holders,
      byBearer: (token) => Promise.resolve(token === 'slp_good' ? ada : undefined),
    },
    device: device && {
      ask: async (dialog) => {
        const answers = await dialog.ask({ title: '', instruction: '', prompts: [] });
        if (answers === undefined) return { kind: 'refused', rule: 'dialog-given-up' };
        const [token = ''] = answers;
        if (token !== '') return { kind: 'token', token };
        return { kind: 'authenticated', authenticated: ada };
      },
    },
    client: home,
    onRefused: (rule) => rules.push(rule),
  });
  return { login, rules };
}

const listing = (key: TestKey): Partial<KeyHolders> => ({
  bySshKey: (fingerprint, client) =>
    fingerprint === fingerprintOf(key.blob) && client === home ? ada : undefined,
});

const refusal = (...methods: string[]) => ({ kind: 'refused', methods, partial: false });
const plainRefusal = refusal('publickey', 'password');

describe('a login by key', () => {
  it.each(keyKinds)('of kind %s is accepted from who holds it', async (kind: KeyKind) => {
    const key = testKey(kind);
    const { login, rules } = open(listing(key));
    expect(await login.attempt({ kind: 'none', username })).toEqual(plainRefusal);
    expect(await login.attempt(query(key))).toEqual({ kind: 'key-known' });
    expect(login.caller).toBeUndefined();
    expect(await login.attempt(proof(key, key.blob))).toEqual({ kind: 'accepted' });
    expect(login.caller).toMatchObject({
      authenticated: ada,
      name: { user: 'deploy', target: 'web-1' },
      proof: { kind: 'key', type: typeOf(key.key), fingerprint: fingerprintOf(key.blob) },
    });
    expect(rules).toEqual([]);
  });

  const key = testKey('ed25519');
  const other = testKey('ed25519');
  it.each<[string, LoginRule, Change]>([
    ['another key signed', 'signature-bad', { by: other }],
    ['a key of another kind signed', 'signature-malformed', { by: testKey('rsa') }],
    ['another user name was signed', 'signature-of-another-login', { signedUser: 'root@web-1' }],
    ['another service was signed', 'signature-of-another-login', { signedService: 'ssh-userauth' }],
    ['another key was signed', 'signature-of-another-login', { signedKey: other.blob }],
    ['the algorithm is that of another key', 'key-malformed', { algorithm: 'rsa-sha2-512' }],
    ['the algorithm is SHA-1', 'algorithm-unknown', { algorithm: 'ssh-rsa' }],
    [
      'the algorithm is of a certificate',
      'key-malformed',
      { algorithm: certificateTypeOf('ssh-ed25519') },
    ],
  ])('is refused when %s', async (_name, rule, change) => {
    const { login, rules } = open(listing(key));
    expect(await login.attempt(proof(key, key.blob, change))).toEqual(plainRefusal);
    expect([rules, login.caller]).toEqual([[rule], undefined]);
  });

  it('is refused when nobody touched the security key', async () => {
    const token = testKey('sk-ed25519');
    const { login, rules } = open(listing(token));
    await login.attempt(proof(token, token.blob, { press: { flags: 0 } }));
    expect([rules, login.caller]).toEqual([['signature-untouched'], undefined]);
  });

  it('of RSA is by the algorithm that the login names', async () => {
    const rsa = testKey('rsa');
    const { login, rules } = open(listing(rsa));
    await login.attempt(proof(rsa, rsa.blob, { algorithm: 'rsa-sha2-256' }));
    expect([rules, login.caller]).toEqual([['signature-malformed'], undefined]);
  });

  it('says of unknown keys the same whatever the name, and verifies their signatures too', async () => {
    const answers: LoginAnswer[] = [];
    for (const name of [username, 'nobody@nowhere', '']) {
      const { login, rules } = open(listing(key));
      answers.push(await login.attempt({ ...query(other), username: name }));
      const change = { username: name, signedUser: name };
      answers.push(await login.attempt(proof(other, other.blob, change)));
      answers.push(await login.attempt(proof(other, other.blob, { ...change, by: key })));
      expect(rules).toEqual(['key-unknown', 'signature-bad']);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('under a name that says no target tells who it is, so that they can be told', async () => {
    const { login } = open(listing(key));
    const change = { username: 'ada lovelace', signedUser: 'ada lovelace' };
    expect(await login.attempt(proof(key, key.blob, change))).toEqual({ kind: 'accepted' });
    expect(login.caller).toMatchObject({ authenticated: ada, name: undefined });
  });

  it('under another name than the first is refused', async () => {
    const { login, rules } = open(listing(key));
    await login.attempt({ kind: 'none', username: 'app@web-1' });
    expect(await login.attempt(proof(key, key.blob))).toEqual(plainRefusal);
    expect([rules, login.caller]).toEqual([['name-changed'], undefined]);
  });

  it('is refused after another was accepted', async () => {
    const { login } = open(listing(key));
    await login.attempt(proof(key, key.blob));
    const { caller } = login;
    expect(await login.attempt(proof(key, key.blob))).toEqual(plainRefusal);
    expect(login.caller).toBe(caller);
  });
});

describe('a login by certificate', () => {
  const authority = testKey('nistp256');
  const holder = testKey('ed25519');
  const content: Parameters<typeof mintCertificate>[0] = {
    ...{ holder: 'user' as const, key: holder.key, serial: 42n, keyId: 'ada-laptop' },
    ...{ principals: ['ada'], validAfter: 0n, validBefore: forever },
    options: { ...noOptions, extensions: ['permit-port-forwarding', 'permit-pty'] },
  };
  const mint = (change: Partial<CertificateContent> = {}) =>
    mintCertificate({ ...content, ...change }, signerOf(authority.privateKey, authority.blob));
  const present = (key: TestKey, certificate: Buffer, change: Change = {}) => {
    const rsa = key.key.kind === 'rsa';
    const type = certificateTypeOf(typeOf(key.key));
    const algorithm = rsa ? type.replace('ssh-rsa', 'rsa-sha2-512') : type;
    return proof(key, certificate, { algorithm, ...change });
  };
  const trusting: Partial<KeyHolders> = {
    bySshCertificate: ({ authorityFingerprint, principals }, client) =>
      authorityFingerprint === fingerprintOf(authority.blob) &&
      principals[0] === 'ada' &&
      client === home
        ? ada
        : undefined,
  };

  it.each(keyKinds)('for a key of kind %s is accepted from who holds the key', async (kind) => {
    const key = testKey(kind);
    const { login, rules } = open(trusting);
    const certificate = mint({ key: key.key });
    expect(await login.attempt(present(key, certificate))).toEqual({ kind: 'accepted' });
    expect(rules).toEqual([]);
    expect(login.caller?.proof).toEqual({
      ...{ kind: 'certificate', type: typeOf(key.key), fingerprint: fingerprintOf(key.blob) },
      ...{ authority: fingerprintOf(authority.blob), serial: 42n, keyId: 'ada-laptop' },
    });
    expect(Array.from(login.caller?.permits ?? [])).toEqual(['pty', 'port-forwarding']);
  });

  it('says all that the engine judges it by', async () => {
    const seen: unknown[] = [];
    const { login } = open({
      bySshCertificate: (facts, client) => {
        seen.push([facts, client]);
        return undefined;
      },
    });
    const certificate = mint({
      ...{ validAfter: 5n, validBefore: 9n },
      options: { ...noOptions, sourceAddress: ['10.0.0.0/8'] },
    });
    await login.attempt(present(holder, certificate));
    expect(seen).toEqual([
      [
        {
          fingerprint: fingerprintOf(certificate),
          keyFingerprint: fingerprintOf(holder.blob),
          authorityFingerprint: fingerprintOf(authority.blob),
          ...{ serial: 42n, keyId: 'ada-laptop', principals: ['ada'] },
          ...{ validAfter: 5000, validBefore: 9000, networks: ['10.0.0.0/8'] },
        },
        home,
      ],
    ]);
  });

  it.each<[string, LoginRule, Partial<CertificateContent>, Change]>([
    ['another key signed', 'signature-bad', {}, { by: testKey('ed25519') }],
    ['it is of a host', 'certificate-of-a-host', { holder: 'host' }, {}],
    [
      'it fixes a command',
      'certificate-force-command',
      { options: { ...noOptions, forceCommand: 'true' } },
      {},
    ],
    [
      'it demands more than a key can show',
      'signature-unrecognised',
      { options: { ...noOptions, verifyRequired: true } },
      {},
    ],
    ['nobody knows its name', 'certificate-unknown', { principals: ['eve'] }, {}],
    ['the login names a plain key', 'key-malformed', {}, { algorithm: 'ssh-ed25519' }],
  ])('is refused when %s', async (_name, rule, content, change) => {
    const { login, rules } = open(trusting);
    expect(await login.attempt(present(holder, mint(content), change))).toEqual(plainRefusal);
    expect([rules, login.caller]).toEqual([[rule], undefined]);
  });

  it('is no login by its plain key, nor the other way round', async () => {
    const { login, rules } = open(trusting);
    await login.attempt(proof(holder, holder.blob));
    const plain = open(listing(holder));
    await plain.login.attempt(present(holder, mint()));
    expect([rules, plain.rules]).toEqual([['key-unknown'], ['certificate-unknown']]);
  });
});

describe('a login by token', () => {
  it('is accepted as a password', async () => {
    const { login, rules } = open();
    const wrong = await login.attempt({ kind: 'password', username, password: 'slp_bad' });
    const long = 'slp_good'.padEnd(20_000, ' ');
    expect(await login.attempt({ kind: 'password', username, password: long })).toEqual(wrong);
    expect(wrong).toEqual(plainRefusal);
    expect(rules).toEqual(['token-unknown', 'token-unknown']);
    const right = await login.attempt({ kind: 'password', username, password: 'slp_good' });
    expect([right, login.caller?.proof]).toEqual([{ kind: 'accepted' }, { kind: 'token' }]);
  });
});

describe('a login by dialog', () => {
  const dialog = (answers: readonly string[] | undefined): Dialog => ({
    ask: () => Promise.resolve(answers),
  });
  const all = refusal('publickey', 'keyboard-interactive', 'password');

  it('is there only where people can log in with a code', async () => {
    const { login, rules } = open();
    expect(await login.attempt({ kind: 'dialog', username, dialog: dialog(['']) })).toEqual(
      plainRefusal,
    );
    expect(rules).toEqual(['dialog-unavailable']);
  });

  it('lets in who comes back with the code, and takes a token instead', async () => {
    for (const [answer, kind] of [
      ['', 'device'],
      ['slp_good', 'token'],
    ] as const) {
      const { login } = open({}, { answers: [] });
      expect(await login.attempt({ kind: 'none', username })).toEqual(all);
      expect(await login.attempt({ kind: 'dialog', username, dialog: dialog([answer]) })).toEqual({
        kind: 'accepted',
      });
      expect(login.caller?.proof).toEqual({ kind });
    }
  });

  it('refuses who gives up, or types what is no token', async () => {
    const { login, rules } = open({}, { answers: [] });
    expect(await login.attempt({ kind: 'dialog', username, dialog: dialog(undefined) })).toEqual(
      all,
    );
    expect(await login.attempt({ kind: 'dialog', username, dialog: dialog(['x']) })).toEqual(all);
    expect(rules).toEqual(['dialog-given-up', 'token-unknown']);
  });
});

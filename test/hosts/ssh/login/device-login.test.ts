// The whole way against a real provider; only the gateway's sockets and the person are left out.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { OidcServer, TemporaryDirectory } from '#lab';
import { startOidc, temporaryDirectory } from '#lab';
import { IssuerFetch } from '../../../../engine/identity/index.ts';
import { readSecret } from '../../../../engine/secrets/index.ts';
import type { Dialog } from '../../../../hosts/ssh/guard/index.ts';
import type { DeviceLoginOptions } from '../../../../hosts/ssh/login/index.ts';
import { DeviceLogins } from '../../../../hosts/ssh/login/index.ts';
import { confirmDevice } from '../../../support/ssh/device-confirmation.ts';

type Asked = Parameters<Dialog['ask']>[0];

let directory: TemporaryDirectory;
let provider: OidcServer;
let issuerFetch: IssuerFetch;
let failures: unknown[];

beforeAll(async () => {
  directory = await temporaryDirectory();
  provider = await startOidc({
    users: {
      ada: { email: 'ada@example.com', groups: ['engineering', 'dba'] },
      eve: { email: 'ada@example.com', groups: ['dba'], emailVerified: false },
    },
    client: { id: 'gateway', secret: 'of the gateway', redirectUris: ['https://shop.test/back'] },
    ...{ deviceClient: 'terminal', audience: 'https://sallyport.test' },
  });
  writeFileSync(join(directory.path, 'ca.crt'), provider.ca);
  writeFileSync(join(directory.path, 'secret'), 'of the gateway\n');
  issuerFetch = new IssuerFetch({
    ...{ ca: join(directory.path, 'ca.crt'), now: Date.now },
    onFailure: (error) => failures.push(error),
  });
});
afterAll(async () => {
  await issuerFetch.close();
  await provider[Symbol.asyncDispose]();
  await directory.remove();
});
beforeEach(() => {
  failures = [];
});

/** The provider leaves it at five seconds between questions (RFC 8628 §3.2): tests need not wait for so long. */
const changed =
  (change: object): IssuerFetch['fetch'] =>
  async (url, options) => {
    const answer = await issuerFetch.fetch(url, options);
    if (!url.endsWith('/device/auth')) return answer;
    return Response.json({ ...((await answer.json()) as object), interval: 1, ...change });
  };

const open = (change: Partial<DeviceLoginOptions> = {}) =>
  new DeviceLogins({
    oidc: {
      ...{ issuer: provider.issuer, audience: 'https://sallyport.test', types: ['at+jwt'] },
      ...{ id: 'email', groups: 'groups', ca: undefined, login: undefined, device: undefined },
    },
    device: {
      ...{ clientId: 'terminal', clientSecret: undefined, sessionHours: 0.5 },
      scopes: ['openid', 'email', 'groups'],
    },
    ...{ secret: undefined, fetch: changed({}), now: Date.now, secondsMax: 60 },
    onFailure: (error) => failures.push(error),
    ...change,
  });

const person = (name: string, agrees = true): Dialog => ({
  ask: async ({ instruction }) => {
    await confirmDevice({ ca: provider.ca, instruction, person: name, agrees });
    return [''];
  },
});

describe('a login by code', () => {
  it.each([
    ['a public client', () => ({})],
    [
      'a client with a secret',
      () => ({
        secret: readSecret({ file: join(directory.path, 'secret') }),
        device: {
          ...{ clientId: 'gateway', clientSecret: undefined, sessionHours: 8 },
          scopes: ['openid', 'email', 'groups'],
        },
      }),
    ],
  ])('lets in, as %s, whom the provider says', async (_name, change) => {
    const before = Date.now();
    const outcome = await open(change()).ask(person('ada'));
    expect(failures).toEqual([]);
    expect(outcome).toEqual({
      kind: 'authenticated',
      authenticated: {
        principal: { id: 'ada@example.com', kind: 'human', groups: ['engineering', 'dba'] },
        credential: expect.stringMatching(/^device:[0-9a-f-]{36}$/),
        expiresAt: expect.any(Number),
      },
    });
    const ends = outcome.kind === 'authenticated' ? outcome.authenticated.expiresAt : undefined;
    const hours = 'device' in change() ? 1 : 0.5;
    // The ID token ends after an hour.
    expect((ends ?? 0) - before).toBeGreaterThan((hours - 0.1) * 3_600_000);
    expect((ends ?? 0) - before).toBeLessThan((hours + 0.1) * 3_600_000);
  });

  it('shows an address and a code, and hides what is typed', async () => {
    const seen: Asked[] = [];
    await open().ask({
      ask: (asked) => {
        seen.push(asked);
        return Promise.resolve(undefined);
      },
    });
    const [asked] = seen;
    expect(asked?.instruction).toMatch(/^To log in, open\n {4}https:\/\/localhost:\d+\/device\n/);
    expect(asked?.prompts).toEqual([{ text: expect.any(String), echo: false }]);
  });

  it.each([
    ['whose address nobody has verified', person('eve'), 'device-refused'],
    ['who says no', person('ada', false), 'device-refused'],
    ['who goes away', { ask: () => Promise.resolve(undefined) }, 'dialog-given-up'],
  ] as const)('does not let in %s', async (_name, dialog, rule) => {
    expect(await open().ask(dialog)).toEqual({ kind: 'refused', rule });
    expect(failures).toEqual([]);
  });

  it('does not let in who presses Enter and never logs in', async () => {
    const dialog: Dialog = { ask: () => Promise.resolve(['']) };
    expect(await open({ secondsMax: 1 }).ask(dialog)).toEqual({
      ...{ kind: 'refused', rule: 'device-refused' },
    });
    expect(failures).toEqual([]);
  });

  it('takes a token from who has one', async () => {
    const dialog: Dialog = { ask: () => Promise.resolve(['slp_x']) };
    expect(await open().ask(dialog)).toEqual({ kind: 'token', token: 'slp_x' });
  });

  it('is not there when the provider is not, and not for more than so many at once', async () => {
    const gone = new IssuerFetch({ ca: undefined, now: Date.now, onFailure: () => undefined });
    const login = open({ fetch: gone.fetch });
    const nobody: Dialog = { ask: () => Promise.reject(new Error('asked')) };
    expect(await login.ask(nobody)).toEqual({ kind: 'refused', rule: 'dialog-unavailable' });
    expect(failures).toHaveLength(1);
    await gone.close();

    const { promise, resolve } = Promise.withResolvers<undefined>();
    const crowded = open();
    const waiting = Array.from({ length: 64 }, () => crowded.ask({ ask: () => promise }));
    expect(await crowded.ask(nobody)).toEqual({ kind: 'refused', rule: 'dialog-unavailable' });
    resolve(undefined);
    await Promise.all(waiting);
    expect((await crowded.ask({ ask: () => Promise.resolve(['x']) })).kind).toBe('token');
  });

  it('shows nothing of an issuer that would move the terminal', async () => {
    const hostile = changed({ user_code: '\u001b]52;c;x\u0007' });
    const nobody: Dialog = { ask: () => Promise.reject(new Error('asked')) };
    expect(await open({ fetch: hostile }).ask(nobody)).toEqual({
      ...{ kind: 'refused', rule: 'dialog-unavailable' },
    });
    expect(String(failures[0])).toContain('no code that can be shown');
  });
});

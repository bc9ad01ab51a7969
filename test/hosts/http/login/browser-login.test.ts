// The whole way against a real provider: only the gateway's own sockets are left out.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { OidcServer, TemporaryDirectory } from '#lab';
import { startOidc, temporaryDirectory } from '#lab';
import { IssuerFetch } from '../../../../engine/identity/index.ts';
import { readSecret } from '../../../../engine/secrets/index.ts';
import { BrowserLogin } from '../../../../hosts/http/login/index.ts';
import { Browser } from '../../../support/browser.ts';
import type { Visit } from '../../../support/browser.ts';

const shop = 'https://shop.test';
const wiki = 'https://wiki.test:8443';
const callback = '/.sallyport/callback';
const cookieName = '__Host-sallyport';
const stateName = '__Host-sallyport-login';
const hourMs = 3_600_000;

let directory: TemporaryDirectory;
let provider: OidcServer;
let fetch: IssuerFetch;
let login: BrowserLogin;
let browser: Browser;
let ahead: number;
let revoked: string[];
let events: string[];

const fieldsOf = ({ headers }: Visit) => Object.entries(headers);
const serve = async (visit: Visit) => {
  const { method, url } = visit;
  const { host: authority, pathname: path, search } = url;
  const request = { method, authority, path, query: search.slice(1), fields: fieldsOf(visit) };
  const own = await login.handle(request);
  if (own !== undefined) return own;
  const found = login.authenticate({ ...request, upgrade: false });
  if (typeof found === 'object')
    return { status: 200, headers: [], body: `hello ${found.principal.id}` };
  if (found === undefined) return login.loginRedirect(authority, `${path}${search}`);
  return { status: 403, headers: [], body: found };
};
const newBrowser = () => new Browser(provider.ca, serve);
const whoIs = (value: string, authority = 'shop.test') =>
  login.authenticate({
    ...{ method: 'GET', authority, upgrade: false },
    fields: [['Cookie', `${cookieName}=${value}`]],
  });
const loggedIn = async () => {
  expect((await browser.open(`${shop}/`, 'ada')).body).toBe('hello ada@example.com');
  return browser.cookie(shop, cookieName)!;
};

beforeAll(async () => {
  directory = await temporaryDirectory();
  provider = await startOidc({
    users: {
      ada: { email: 'ada@example.com', groups: ['engineering', 'dba'] },
      eve: { email: 'ada@example.com', groups: ['dba'], emailVerified: false },
      bob: { email: 'bob@example.com', groups: [] },
    },
    client: {
      ...{ id: 'gateway', secret: 'of the gateway' },
      redirectUris: [shop, wiki].map((origin) => origin + callback),
    },
    audience: 'https://sallyport.test',
  });
  writeFileSync(join(directory.path, 'ca.crt'), provider.ca);
  writeFileSync(join(directory.path, 'secret'), 'of the gateway\n');
});
afterAll(async () => {
  await provider[Symbol.asyncDispose]();
  await directory.remove();
});
beforeEach(() => {
  [ahead, revoked, events] = [0, [], []];
  const now = () => Date.now() + ahead;
  const ca = join(directory.path, 'ca.crt');
  fetch = new IssuerFetch({ ca, now, onFailure: () => events.push('issuer-failed') });
  const clientSecret = { file: join(directory.path, 'secret') };
  const config = {
    ...{ clientId: 'gateway', clientSecret, sessionHours: 0.5 },
    scopes: ['openid', 'email', 'groups'],
  };
  login = new BrowserLogin({
    oidc: {
      ...{ issuer: provider.issuer, audience: 'https://sallyport.test', ca, types: ['at+jwt'] },
      ...{ id: 'email', groups: 'groups', login: config, device: undefined },
    },
    login: config,
    secret: readSecret(clientSecret),
    fetch: fetch.fetch,
    now,
    onRevoked: (credentials) => revoked.push(...credentials),
    log: (event) => events.push(event),
  });
  browser = newBrowser();
});
afterEach(async () => {
  await browser.close();
  await fetch.close();
});

describe('logging in with a browser', () => {
  it('leads to the page that was asked for, as the person who logged in', async () => {
    const page = await browser.open(`${shop}/carts?id=7&q=a%20b`, 'ada');
    expect(page).toMatchObject({ url: `${shop}/carts?id=7&q=a%20b`, status: 200 });
    const value = browser.cookie(shop, cookieName)!;
    expect(value).toMatch(/^[\w-]{43}$/);
    expect(whoIs(value)).toMatchObject({
      principal: { id: 'ada@example.com', kind: 'human', groups: ['engineering', 'dba'] },
      credential: expect.stringMatching(/^login:[0-9a-f]{64}$/),
    });
    expect(browser.cookie(shop, stateName)).toBeUndefined();
    expect(events).toEqual(['logged-in']);
  });

  it('sets cookies that only this host gets, never scripts or the clear', async () => {
    const begun = await browser.step('GET', `${shop}/.sallyport/login`);
    const set = begun.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    expect(set).toEqual([
      expect.stringMatching(
        /^__Host-sallyport-login=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
      ),
    ]);
    expect(begun.headers).toContainEqual(['cache-control', 'no-store']);
    const url = new URL(begun.headers.find(([name]) => name === 'location')![1]);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      ...{ response_type: 'code', scope: 'openid email groups', code_challenge_method: 'S256' },
      ...{ redirect_uri: shop + callback, state: expect.any(String), nonce: expect.any(String) },
    });
  });

  it('is for each host by itself', async () => {
    const value = await loggedIn();
    expect(whoIs(value, 'wiki.test:8443')).toBeUndefined();
    expect(whoIs(value, 'shop.test:8443')).toBeUndefined();
    const page = await browser.open(`${wiki}/`, 'ada');
    expect(page.body).toBe('hello ada@example.com');
    expect(browser.cookie(wiki, cookieName)).not.toBe(value);
  });

  it('ends with the time that is configured, which is before the end of the ID token', async () => {
    const value = await loggedIn();
    const found = whoIs(value);
    ahead = 0.5 * hourMs - 5_000;
    expect(whoIs(value)).toBe(found);
    ahead = 0.5 * hourMs + 1;
    expect(whoIs(value)).toBeUndefined();
  });

  it('ends with logging out, from a page of the host only', async () => {
    const value = await loggedIn();
    const logout = (origin: string) =>
      login.handle({
        ...{ method: 'POST', authority: 'shop.test', path: '/.sallyport/logout', query: '' },
        fields: [
          ['cookie', `${cookieName}=${value}`],
          ['origin', origin],
        ],
      });
    expect((await logout('https://evil.example'))?.status).toBe(403);
    const found = whoIs(value);
    expect(await logout(shop)).toMatchObject({ status: 200 });
    expect(whoIs(value)).toBeUndefined();
    expect(revoked).toEqual([typeof found === 'object' ? found.credential : '']);
    expect((await browser.step('GET', `${shop}/.sallyport/logout`)).status).toBe(405);
  });

  it('replaces the session that the browser had, so that none is planted before', async () => {
    const planted = await loggedIn();
    browser.setCookie(shop, cookieName, planted);
    await browser.open(`${shop}/.sallyport/login?return=/`, 'ada');
    expect(browser.cookie(shop, cookieName)).not.toBe(planted);
    expect(whoIs(planted)).toBeUndefined();
    expect(revoked).toHaveLength(1);
  });

  it('keeps no more than twenty sessions of one person', async () => {
    const first = await loggedIn();
    for (let i = 0; i < 20; i += 1) {
      await browser.step('GET', `${shop}/.sallyport/login`);
      browser.setCookie(shop, cookieName, '');
      await browser.open(`${shop}/.sallyport/login`, 'ada');
    }
    expect(whoIs(first)).toBeUndefined();
    expect(revoked).toHaveLength(1);
  });
});

describe('a login is refused', () => {
  /** Stops in front of the callback, with a good code. */
  const brought = async (by: Browser, user: string) =>
    (await by.open(`${shop}/.sallyport/login`, user, (url) => url.startsWith(shop + callback))).url;

  it('when the address is not verified by the provider', async () => {
    const page = await browser.open(`${shop}/`, 'eve');
    expect(page).toMatchObject({ status: 403, body: expect.stringContaining('nobody here') });
    expect(browser.cookie(shop, cookieName)).toBeUndefined();
  });

  it('when another browser has begun it', async () => {
    const attacker = newBrowser();
    const url = await brought(attacker, 'bob');
    expect((await browser.step('GET', url)).status).toBe(400);
    await browser.step('GET', `${shop}/.sallyport/login`);
    expect((await browser.step('GET', url)).status).toBe(400);
    expect(browser.cookie(shop, cookieName)).toBeUndefined();
    await attacker.close();
  });

  it('when it has succeeded before', async () => {
    const url = await brought(browser, 'ada');
    const sealed = browser.cookie(shop, stateName)!;
    expect((await browser.step('GET', url)).status).toBe(302);
    browser.setCookie(shop, stateName, sealed);
    expect((await browser.step('GET', url)).status).toBe(400);
    expect(events).toEqual(['logged-in']);
  });

  it('when the same callback comes twice at once', async () => {
    const url = await brought(browser, 'ada');
    const statuses = await Promise.all(
      [1, 2].map(async () => (await browser.step('GET', url)).status),
    );
    expect(statuses.sort()).toEqual([302, 400]);
  });

  it('when its cookie is of another host, changed, old, or there twice', async () => {
    const url = new URL(await brought(browser, 'ada'));
    const sealed = browser.cookie(shop, stateName)!;
    const visit = (cookie: string, authority = 'shop.test') =>
      login.handle({
        ...{ method: 'GET', authority, path: callback, query: url.search.slice(1) },
        fields: [['cookie', cookie]],
      });
    const changed = `${sealed.slice(0, 60)}${sealed[60] === 'A' ? 'B' : 'A'}${sealed.slice(61)}`;
    expect((await visit(`${stateName}=${sealed}`, 'wiki.test:8443'))?.status).toBe(400);
    expect((await visit(`${stateName}=${changed}`))?.status).toBe(400);
    expect((await visit(`${stateName}=${sealed}; ${stateName}=${sealed}`))?.status).toBe(400);
    expect((await visit(''))?.status).toBe(400);
    ahead = 600_001;
    expect((await visit(`${stateName}=${sealed}`))?.status).toBe(400);
    ahead = 0;
    expect((await visit(`${stateName}=${sealed}`))?.status).toBe(302);
  });

  it.each([
    ['the state is another', (query: URLSearchParams) => query.set('state', 'x')],
    ['the state is there twice', (query: URLSearchParams) => query.append('state', 'x')],
    ['the state is gone', (query: URLSearchParams) => query.delete('state')],
    ['the code is another', (query: URLSearchParams) => query.set('code', 'x')],
    [
      'another issuer answers',
      (query: URLSearchParams) => query.set('iss', 'https://evil.example'),
    ],
    ['the person said no', (query: URLSearchParams) => query.set('error', 'access_denied')],
  ])('when %s', async (_name, change) => {
    const url = new URL(await brought(browser, 'ada'));
    change(url.searchParams);
    expect((await browser.step('GET', url.href)).status).toBe(400);
    expect(browser.cookie(shop, cookieName)).toBeUndefined();
    expect(events).toEqual(['login-failed']);
  });

  it('while the issuer cannot be reached', async () => {
    const [before] = [fetch];
    await before.close();
    expect((await browser.step('GET', `${shop}/.sallyport/login`)).status).toBe(502);
    expect(events).toEqual(['issuer-failed', 'login-failed']);
  });

  it.each([
    ...[
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/\t/evil.example',
      '\\\\evil',
    ],
    ...['javascript:alert(1)', '', 'evil', '/a\r\nSet-Cookie: x=y', '/.sallyport/logout'],
    ...[`/${'a'.repeat(3000)}`, '/é', '/a\\..\\b'],
  ])('to lead to %p afterwards', async (path) => {
    const query = `return=${encodeURIComponent(path)}`;
    const page = await browser.open(
      `${shop}/.sallyport/login?${query}`,
      'ada',
      (url) => url.startsWith(`${shop}/`) && !url.includes('/.sallyport/'),
    );
    expect(page.url).toBe(`${shop}/`);
    const redirect = login.loginRedirect('shop.test', path);
    expect(redirect.headers).toContainEqual(['location', `${shop}/.sallyport/login?return=%2F`]);
  });
});

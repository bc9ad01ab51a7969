// Headless Chromium through the gateway: a person logs in at a real issuer, and a page of the target then works as it
// does without the gateway; pages of others do not get in with the person's cookie.

import type { IncomingMessage, ServerResponse } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import { launch } from 'puppeteer-core';
import { WebSocketServer } from 'ws';

import type { OidcServer } from '#lab';
import { freePort, requiredProgram, startOidc } from '#lab';
import { HttpGateway, httpTarget } from '../../support/http-gateway.ts';
import type { HttpsTarget } from '../../support/https-target.ts';
import { startHttpsTarget } from '../../support/https-target.ts';

const audience = 'https://sallyport.test';
const secret = 'of the gateway';

/** What came to the target, in its order. */
const arrived: { readonly line: string; readonly cookie: string }[] = [];
let oidc: OidcServer;
let target: HttpsTarget;
/** A server of somebody else at another port of the same name: browsers send it, and from it, the same cookies. */
let stranger: HttpsTarget;
let gateway: HttpGateway;
let browser: Browser;
let page: Page;
let origin: string;

beforeAll(async () => {
  const port = await freePort();
  origin = `https://app.localhost:${port}`;
  const redirectUris = [`${origin}/.sallyport/callback`];
  oidc = await startOidc({
    users: { ada: { email: 'ada@example.com', groups: ['engineering'] } },
    client: { id: 'gateway', secret, redirectUris },
    audience,
  });
  target = await startHttpsTarget(answer);
  talkBack(target);
  stranger = await startHttpsTarget((_request, response) => {
    html(response, '<title>a stranger</title>');
  });
  const login = {
    ...{ client_id: 'gateway', client_secret: { file: './client-secret' } },
    scopes: ['openid', 'email', 'groups'],
  };
  gateway = await HttpGateway.start({
    ...{ port, targets: { app: httpTarget(target) } },
    secrets: { 'client-secret': secret, 'issuer.crt': oidc.ca },
    identity: {
      oidc: {
        issuer: oidc.issuer,
        audience,
        id: 'email',
        groups: 'groups',
        ca: './issuer.crt',
        login,
      },
    },
  });
  browser = await launch({
    executablePath: requiredProgram('chromium', 'chromium'),
    acceptInsecureCerts: true,
    // Under root Chromium has no sandbox, and containers have a small /dev/shm.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  page = await browser.newPage();
});

afterAll(async () => {
  await browser.close();
  await gateway.stop();
  await Promise.all([target, stranger, oidc].map((each) => each[Symbol.asyncDispose]()));
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request;
  arrived.push({ line: `${method} ${url}`, cookie: headers.cookie ?? '' });
  request.resume();
  if (url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    response.write('data: the first\n\n');
  } else html(response, '<title>the target</title><script>document.cookie = "own=1"</script>');
}

function html(response: ServerResponse, body: string): void {
  const fields = { 'content-type': 'text/html', 'content-length': Buffer.byteLength(body) };
  response.writeHead(200, fields).end(body);
}

function talkBack({ server }: HttpsTarget): void {
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    arrived.push({ line: `WebSocket ${request.url ?? ''}`, cookie: request.headers.cookie ?? '' });
    socket.on('message', (text: Buffer) => {
      socket.send(text.toString());
    });
  });
}

/** Fills in the forms of the issuer as long as there are any. */
async function logIn(path: string): Promise<void> {
  await page.goto(`${origin}${path}`);
  while (page.url().startsWith(oidc.issuer)) {
    if ((await page.$('[name=login]')) !== null) {
      await page.type('[name=login]', 'ada');
      await page.type('[name=password]', 'any');
    }
    await Promise.all([page.waitForNavigation(), page.click('[type=submit]')]);
  }
}

/** In the page: the status of a request, or `failed`. */
const statusOf = (from: Page, path: string, options = '{}'): Promise<unknown> =>
  from.evaluate(`fetch('${origin}${path}', ${options}).then((r) => r.status, () => 'failed')`);

/** In the page: what comes back through a WebSocket, or `closed` and its code. */
const talk = (from: Page): Promise<unknown> =>
  from.evaluate(`new Promise((done) => {
    const socket = new WebSocket('${origin.replace('https', 'wss')}/talk');
    socket.onopen = () => socket.send('hello');
    socket.onmessage = ({ data }) => done(data);
    socket.onclose = ({ code }) => done('closed ' + code);
  })`);

const arrivalsOf = (part: string): number =>
  arrived.filter(({ line }) => line.includes(part)).length;

describe('Chromium', () => {
  it('is told 401, and nothing of a login, where a script asks without one', async () => {
    await page.goto(`${origin}/.sallyport/jwks.json`);
    expect(await statusOf(page, '/data')).toBe(401);
    expect(arrived).toEqual([]);
  });

  it('is led to the login and back to the page that was asked for', async () => {
    await logIn('/report?id=7&q=a%20b');
    expect(page.url()).toBe(`${origin}/report?id=7&q=a%20b`);
    expect(await page.title()).toBe('the target');
    expect(arrivalsOf('GET /report?id=7&q=a%20b')).toBe(1);
  });

  it('keeps a cookie that neither scripts nor the target see', async () => {
    const cookies = (await browser.cookies()).filter(({ name }) => name.startsWith('__Host-'));
    expect(cookies).toEqual([
      expect.objectContaining({
        ...{ name: '__Host-sallyport', domain: 'app.localhost', path: '/', session: true },
        ...{ httpOnly: true, secure: true, sameSite: 'Lax' },
      }),
    ]);
    expect(await page.evaluate('document.cookie')).toBe('own=1');
    await page.reload();
    expect(arrived.at(-1)?.cookie).toBe('own=1');
    expect(arrived.filter(({ cookie }) => cookie.includes('sallyport'))).toEqual([]);
  });

  it('sends what a page of the target asks for, whatever the method', async () => {
    expect(await statusOf(page, '/data')).toBe(200);
    expect(await statusOf(page, '/data', '{ method: "POST", body: "x" }')).toBe(200);
    expect(await statusOf(page, '/data', '{ method: "DELETE" }')).toBe(200);
  });

  it('gets events as they are sent', async () => {
    const first = await page.evaluate(`new Promise((done) => {
      const source = new EventSource('/events');
      source.onmessage = ({ data }) => { source.close(); done(data); };
      source.onerror = () => done('failed');
    })`);
    expect(first).toBe('the first');
  });

  it('opens WebSockets', async () => {
    expect(await talk(page)).toBe('hello');
  });

  it.each(['app.localhost', 'localhost'])('does nothing for a stranger at %s', async (host) => {
    const theirs = await browser.newPage();
    await theirs.goto(`https://${host}:${stranger.port}/`);
    const before = arrived.length;
    const sly = '{ method: "POST", body: "x", mode: "no-cors", credentials: "include" }';
    // Opaque to its page, whatever the answer was.
    expect(await statusOf(theirs, '/sly', sly)).toBe(0);
    expect(await talk(theirs)).toBe('closed 1006');
    const form = `const form = document.createElement('form');
      form.method = 'POST'; form.action = '${origin}/form'; document.body.append(form); form.submit();`;
    const [landed] = await Promise.all([theirs.waitForNavigation(), theirs.evaluate(form)]);
    expect(landed?.status()).toBe(host === 'localhost' ? 401 : 403);
    expect(arrived.slice(before)).toEqual([]);
    await theirs.close();
  });

  it('ends what is open when it logs out', async () => {
    const last = page.evaluate(`new Promise((done) => {
      const socket = new WebSocket('${origin.replace('https', 'wss')}/last');
      socket.onopen = () => done(new Promise((over) => {
        socket.onclose = ({ code }) => over(code);
        fetch('/.sallyport/logout', { method: 'POST' });
      }));
    })`);
    expect(await last).toBe(1008);
    expect(await statusOf(page, '/data')).toBe(401);
    const names = (await browser.cookies()).map(({ name }) => name);
    expect(names).not.toContain('__Host-sallyport');
  });
});

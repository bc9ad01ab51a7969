// Callers whose token is taken away or runs out: whatever they have open is cut within five seconds, and nothing of others.

import { once } from 'node:events';
import type { ClientHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import { connect } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';

import type { Entry } from '#engine';
import { listRecordings, readRecording, verifyRecording } from '#engine';
import type { Origin } from '#lab';
import { startOrigin } from '#lab';
import type { Exchange } from '../support/http-client.ts';
import { answerApproval, heldFor } from '../support/approvals.ts';
import { ask, http2Session, send } from '../support/http-client.ts';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';

const cutMsMax = 5000;
/** Enough for a gateway to start and for all streams to be open. */
const validMs = 20_000;
const ticks = '/sse?count=10000&every=50';
const heldPath = '/echo?case=held';
const unfinishedPath = '/upload?case=unfinished';

const policies = {
  'rules.rego': `package rules.http.test

import rego.v1

allow contains "everybody may ask"

approve contains {"id": "echoes", "msg": "an echo", "groups": ["approvers"], "ttl": "5m"} if {
	input.statement.path == "/echo"
}
`,
};

let origin: Origin;
const arrived: string[] = [];

beforeAll(async () => {
  origin = await startOrigin({ onRequest: ({ url = '' }) => arrived.push(url) });
  const sockets = new WebSocketServer({ noServer: true });
  origin.server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('message', (message) => accepted.send(message));
    });
  });
});

afterAll(() => origin.stop());

/** When it ended, as Date.now(). */
type Ended = Promise<number>;

const now = (): number => Date.now();

/** However it ended: an error before is no failure. */
const endOf = (stream: Readable): Ended =>
  new Promise((resolve) => {
    stream.once('close', () => {
      resolve(now());
    });
  });

function stream(gateway: HttpGateway, path: string, principal: string) {
  const { sent, response } = send(gateway, path, { principal });
  sent.end();
  return response.then((answer) => {
    let received = 0;
    answer.on('data', (chunk: Buffer) => (received += chunk.length)).on('error', () => undefined);
    return { answer, ended: endOf(answer), received: () => received };
  });
}

async function socket(gateway: HttpGateway, principal: string) {
  const opened = new WebSocket(`wss://${gateway.host}:${gateway.port}/socket`, {
    ca: gateway.ca,
    headers: { ...gateway.headers('app', principal) },
  });
  await once(opened, 'open');
  const closed = once(opened, 'close').then(([code]) => ({ at: now(), code: code as number }));
  return { opened, closed };
}

function http2Stream(gateway: HttpGateway, session: ReturnType<typeof http2Session>, who: string) {
  const { Host, Authorization } = gateway.headers('app', who);
  const opened: ClientHttp2Stream = session.request({
    ...{ ':path': ticks, ':authority': Host, authorization: Authorization },
  });
  opened.on('error', () => undefined);
  let received = 0;
  opened.on('data', (chunk: Buffer) => (received += chunk.length));
  return { opened, ended: endOf(opened), received: () => received };
}

/** A body of which not all comes. */
function unfinished(gateway: HttpGateway, path: string, first: Buffer): Exchange {
  const headers = { 'content-length': String(first.length + 1) };
  const exchange = send(gateway, path, { method: 'POST', principal: 'eve', headers });
  exchange.sent.write(first);
  return exchange;
}

async function entriesOf(gateway: HttpGateway, principal: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const { file } of await listRecordings(gateway.recordings)) {
    const own: Entry[] = [];
    for await (const entry of readRecording(file)) own.push(entry);
    if (JSON.stringify(own[0]).includes(`"id":"${principal}"`)) entries.push(...own);
  }
  return entries;
}

interface Scene {
  readonly name: string;
  readonly reason: string;
  readonly expires: boolean;
}

describe.each<Scene>([
  { name: 'is taken out of the tokens file', reason: 'revoked', expires: false },
  { name: 'expires', reason: 'expired', expires: true },
])('a token that $name', ({ reason, expires }) => {
  let gateway: HttpGateway;
  let over = 0;

  beforeAll(async () => {
    arrived.length = 0;
    const end = Date.now() + validMs;
    gateway = await HttpGateway.start({
      targets: { app: httpTarget(origin) },
      policies,
      principals: {
        ada: { groups: ['approvers'] },
        eve: expires ? { expires: new Date(end).toISOString() } : {},
      },
    });
    over = end;
  });

  afterAll(() => gateway.stop());

  it('cuts what is open within five seconds, and leaves others alone', async () => {
    const events = await stream(gateway, ticks, 'eve');
    const download = await stream(gateway, '/ndjson?count=200000', 'eve');
    download.answer.pause();
    const messages = await socket(gateway, 'eve');
    const shared = http2Session(gateway);
    const evil = http2Stream(gateway, shared, 'eve');
    const good = http2Stream(gateway, shared, 'ada');
    await Promise.all([once(evil.opened, 'response'), once(good.opened, 'response')]);
    const others = await stream(gateway, ticks, 'ada');
    const otherMessages = await socket(gateway, 'ada');
    const upload = unfinished(gateway, '/upload?case=long', Buffer.alloc(300_000));
    // Enough that it is not cut for being slow before that, and too little to be sent on.
    const ahead = unfinished(gateway, unfinishedPath, Buffer.alloc(8 * 1024, 'a'));
    const held = send(gateway, heldPath, { principal: 'eve' });
    held.sent.end();
    const [hold] = await heldFor(gateway, 'ada');
    expect(messages.opened.readyState).toBe(WebSocket.OPEN);

    if (!expires) {
      over = Date.now();
      await gateway.revoke('eve');
    }
    const code = (await messages.closed).code;
    expect(code).toBe(1008);
    // What is paused hears of the end when it reads on.
    await Promise.all([events.ended, evil.ended]);
    download.answer.resume();
    const ends = await Promise.all([
      events.ended,
      download.ended,
      evil.ended,
      messages.closed.then(({ at }) => at),
    ]);
    for (const at of ends) expect(at - over).toBeLessThan(cutMsMax);
    expect(events.answer.complete).toBe(false);
    expect(download.answer.complete).toBe(false);
    expect(evil.opened.rstCode).not.toBe(0);
    await expect(upload.response).rejects.toThrow();
    for (const waiting of [held, ahead]) expect((await waiting.response).statusCode).toBe(401);

    await answerApproval(gateway, 'ada', { id: hold?.id ?? '', answer: 'approve' });
    ahead.sent.end('b');
    expect((await ask(gateway, '/small', { principal: 'eve' })).status).toBe(401);
    const before = [others.received(), good.received()];
    await Promise.all([once(others.answer, 'data'), once(good.opened, 'data')]);
    expect(others.received()).toBeGreaterThan(before[0] ?? 0);
    expect(good.received()).toBeGreaterThan(before[1] ?? 0);
    const echoed = once(otherMessages.opened, 'message');
    otherMessages.opened.send('still here');
    expect(String((await echoed)[0])).toBe('still here');
    expect(arrived).not.toContain(heldPath);
    expect(arrived).not.toContain(unfinishedPath);
    otherMessages.opened.terminate();
    others.answer.destroy();
    shared.destroy();
  });

  it('is in the recordings, which are whole', async () => {
    const entries = await entriesOf(gateway, 'eve');
    const ends = entries.filter(({ type }) => type === 'session-end');
    expect(ends.length).toBeGreaterThanOrEqual(7);
    expect(new Set(ends.map((each) => each['reason']))).toEqual(new Set([reason]));
    const cut = entries.filter(({ type, error }) => type === 'outcome' && error !== undefined);
    expect(cut.length).toBeGreaterThanOrEqual(5);
    const recordings = await listRecordings(gateway.recordings);
    const verified = await Promise.all(recordings.map(({ file }) => verifyRecording(file)));
    expect(verified.filter(({ state }) => state === 'broken')).toEqual([]);
  });
});

describe('a gateway that is told to stop', () => {
  it('lets requests end, closes idle connections, and exits 0 when the time is over', async () => {
    const drainSecondsMax = 3;
    await using gateway = await HttpGateway.start({
      targets: { app: httpTarget(origin) },
      limits: { drainSecondsMax },
    });
    const idle = connect({
      host: gateway.host,
      port: gateway.port,
      ca: gateway.ca,
      servername: 'localhost',
    });
    await once(idle, 'secureConnect');
    const idleClosed = once(idle.resume(), 'close').then(now);
    const idleHttp2 = http2Session(gateway);
    await once(idleHttp2, 'remoteSettings');
    const http2Closed = once(idleHttp2, 'close').then(now);
    const slow = ask(gateway, '/slow?ms=1500').then((reply) => ({ reply, at: now() }));
    const events = await stream(gateway, ticks, 'ada');
    await delay(300);

    const told = now();
    const stopped = gateway.process.stop();
    const { reply, at } = await slow;
    expect(reply.status).toBe(200);
    expect(await idleClosed).toBeLessThan(at);
    expect(await http2Closed).toBeLessThan(at);
    await expect(ask(gateway, '/small')).rejects.toThrow();
    expect((await events.ended) - told).toBeGreaterThanOrEqual(drainSecondsMax * 1000 - 500);
    expect(events.answer.complete).toBe(false);
    expect(await stopped).toBe(0);
    const ends = (await entriesOf(gateway, 'ada')).filter(({ type }) => type === 'session-end');
    expect(ends.length).toBe(2);
  });
});

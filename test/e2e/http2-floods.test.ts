// HTTP/2 callers that send without end, or hold on to what they have: they are cut, and everyone else is served.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { buffer } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Origin } from '#lab';
import { startOrigin } from '#lab';
import {
  encodeFields,
  encodeFrame,
  flag,
  framesIn,
  frameType,
  preface,
  settingsFrame,
} from '../adversarial/http/http2-frames.ts';
import { RawClient } from '../adversarial/http/raw-client.ts';
import type { Good } from '../conformance/http2/case.ts';
import { data, headers, onConnection, replaced, setting } from '../conformance/http2/case.ts';
import { floods } from '../conformance/http2/floods.ts';
import { goodRequestOf } from '../conformance/http2/run.ts';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';

const cutMsMax = 10_000;
const calm = 11;
/** What an answer may take beyond twice the usual, on a machine that is busy with the flood itself. */
const slackMs = 100;
const limits = { idleSecondsMax: 2, headSecondsMax: 2, stallSecondsMax: 2 };

let origin: Origin;
let gateway: HttpGateway;
/** Holds callers to deadlines that a test can wait for. */
let hasty: HttpGateway;
let good: Good;
let held: Good;
let agent: Agent;
let usualMs: number;

beforeAll(async () => {
  origin = await startOrigin();
  const targets = { app: httpTarget(origin) };
  gateway = await HttpGateway.start({ targets });
  hasty = await HttpGateway.start({ targets, limits });
  good = goodRequestOf(gateway, 'app');
  held = goodRequestOf(hasty, 'app');
  agent = new Agent({ keepAlive: true });
  await usualOf(50);
  usualMs = await usualOf(100);
});

afterAll(async () => {
  agent.destroy();
  await Promise.all([gateway.stop(), hasty.stop()]);
  await origin.stop();
});

/**
 * Milliseconds under which nine of ten requests are answered, one after the other: a flood that holds them up does so to most, a
 * machine that is busy otherwise to a few.
 */
async function usualOf(count: number, at = gateway): Promise<number> {
  const took: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const started = performance.now();
    const asked = get({
      ...{ host: '127.0.0.1', servername: 'localhost', port: at.port, ca: at.ca },
      ...{ path: '/small', headers: at.headers('app'), agent },
    });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    await buffer(response);
    expect(response.statusCode).toBe(200);
    took.push(performance.now() - started);
  }
  return took.sort((a, b) => a - b)[Math.floor(count * 0.9) - 1] ?? Infinity;
}

async function residentMegabytes(at = gateway): Promise<number> {
  const status = await readFile(`/proc/${at.process.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

const openClient = ({ port, ca } = gateway): Promise<RawClient> =>
  RawClient.open({ port, ca, protocol: 'h2' });

/** Whether the gateway ends the connection, and after how many milliseconds. */
async function cutOf(client: RawClient): Promise<number> {
  const started = performance.now();
  await client.until(() => false, 4 * cutMsMax);
  expect(client.isOver).toBe(true);
  return performance.now() - started;
}

async function allRefused(client: RawClient, count: number): Promise<number> {
  const started = performance.now();
  const resets = (bytes: Buffer) => framesIn(bytes).filter(({ type }) => type === frameType.reset);
  await client.until((bytes) => resets(bytes).length >= count, cutMsMax);
  const codes = resets(client.bytes).map(({ payload }) => payload.readUInt32BE(0));
  expect(codes).toEqual(Array<number>(count).fill(calm));
  return performance.now() - started;
}

describe('a flood of', () => {
  it.each(floods)('$name', async ({ bytes, refused }) => {
    const before = await residentMegabytes();
    using client = await openClient();
    client.send(Buffer.concat([preface, settingsFrame(), bytes(good)]));
    const over = refused === undefined ? cutOf(client) : allRefused(client, refused);
    const [overMs, othersMs] = await Promise.all([over, usualOf(100)]);
    const grown = (await residentMegabytes()) - before;
    expect(overMs).toBeLessThan(cutMsMax);
    expect(othersMs).toBeLessThan(2 * usualMs + slackMs);
    expect(grown).toBeLessThan(100);
  });
});

describe('a caller that holds on', () => {
  const opening = Buffer.concat([preface, settingsFrame()]);

  it('without a word loses its connection', async () => {
    using client = await openClient(hasty);
    expect(await cutOf(client)).toBeLessThan(cutMsMax);
  });

  it('with a request that never ends its fields loses its connection', async () => {
    using client = await openClient(hasty);
    client.send(opening);
    const head = encodeFrame(held.get);
    let sent = 0;
    const drip = setInterval(() => {
      client.send(head.subarray(sent, sent + 1));
      sent = Math.min(sent + 1, head.length - 1);
    }, 200);
    const cutMs = await cutOf(client);
    clearInterval(drip);
    expect(cutMs).toBeLessThan(cutMsMax);
  });

  it('and asks only whether the gateway lives is told goodbye', async () => {
    using client = await openClient(hasty);
    client.send(opening);
    const ping = encodeFrame(onConnection(frameType.ping, Array<number>(8).fill(1)));
    const pings = setInterval(() => client.send(ping), 200);
    const cutMs = await cutOf(client);
    clearInterval(pings);
    expect(cutMs).toBeLessThan(cutMsMax);
    const goAway = framesIn(client.bytes).find(({ type }) => type === frameType.goAway);
    expect(goAway?.payload.readUInt32BE(4)).toBe(0);
  });

  it.each(['/large', '/small'])('with a window of 0 for 100 answers of %s is cut', async (path) => {
    const before = await residentMegabytes(hasty);
    using client = await openClient(hasty);
    const block = encodeFields(replaced(held.fields, ':path', path));
    const asked = Array.from({ length: 100 }, (_, index) =>
      encodeFrame(headers(block, held.get.flags, 2 * index + 1)),
    );
    client.send(Buffer.concat([preface, encodeFrame(setting(4, 0)), ...asked]));
    const [cutMs, othersMs] = await Promise.all([cutOf(client), usualOf(100, hasty)]);
    expect(cutMs).toBeLessThan(cutMsMax);
    expect(othersMs).toBeLessThan(2 * usualMs + slackMs);
    expect((await residentMegabytes(hasty)) - before).toBeLessThan(100);
  });

  it('with a body that trickles is told so, and goes on with others', async () => {
    using client = await openClient(hasty);
    client.send(Buffer.concat([opening, encodeFrame(held.post)]));
    const drip = setInterval(() => client.send(encodeFrame(data('b', 0))), 500);
    const ended = await client.until(
      (bytes) => framesIn(bytes).some(({ type, stream }) => stream === 1 && type !== 8),
      3 * cutMsMax,
    );
    clearInterval(drip);
    expect(ended).toBe(true);
    const answer = framesIn(client.bytes).filter(({ stream }) => stream === 1);
    expect(Buffer.concat(answer.map(({ payload }) => payload)).toString()).toContain(
      'request-too-slow',
    );
  });
});

describe('a request that is answered before its end', () => {
  it('is told to stop, and its connection goes on', async () => {
    using client = await openClient(hasty);
    const block = encodeFields(replaced(held.fields, ':path', '/a//b'));
    client.send(
      Buffer.concat([
        ...[preface, settingsFrame()],
        ...[headers(block, flag.endHeaders), data('some', 0)].map(encodeFrame),
      ]),
    );
    const isReset = (bytes: Buffer): boolean =>
      framesIn(bytes).some(({ type, stream }) => type === frameType.reset && stream === 1);
    expect(await client.until(isReset, cutMsMax)).toBe(true);
    const reset = framesIn(client.bytes).find(({ type }) => type === frameType.reset);
    expect(reset?.payload.readUInt32BE(0)).toBe(0);
    client.send(encodeFrame({ ...held.get, stream: 3 }));
    const isServed = (bytes: Buffer): boolean =>
      framesIn(bytes).some(({ type, stream }) => type === frameType.headers && stream === 3);
    expect(await client.until(isServed, cutMsMax)).toBe(true);
  });
});

// Clients that hold on to what they got, and answers that unpack to more than anyone asked for: everyone else is served.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, get, request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Origin } from '#lab';
import { bomb, startOrigin } from '#lab';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';
import type { SlowOptions } from '../support/slow-clients.ts';
import { slownesses, startSlowClients } from '../support/slow-clients.ts';

/** Many times what a request takes on a busy machine, and a fraction of every deadline. */
const servedMsMax = 1000;
const policies = {
  'access.rego': `package rules.http.access

import rego.v1

allow contains "everything is allowed"

mask contains {"field": "$..email", "strategy": "partial"} if startswith(input.statement.path, "/bomb/")
`,
};
const limits = {
  loginSecondsMax: 2,
  headSecondsMax: 2,
  idleSecondsMax: 2,
  stallSecondsMax: 3,
  upstreamConnectionsMax: 64,
};

let origin: Origin;
let gateway: HttpGateway;
let agent: Agent;

beforeAll(async () => {
  origin = await startOrigin();
  gateway = await HttpGateway.start({ targets: { app: httpTarget(origin) }, policies, limits });
  agent = new Agent({ keepAlive: true });
  await Promise.all([bomb('gzip', 200), bomb('br', 200)]);
});

afterAll(async () => {
  agent.destroy();
  await gateway.stop();
  await origin.stop();
});

const to = (path: string) => ({
  ...{ host: '127.0.0.1', servername: 'localhost', port: gateway.port, ca: gateway.ca },
  ...{ path, headers: gateway.headers('app'), agent },
});

const slow = (): SlowOptions => ({
  port: gateway.port,
  ca: gateway.ca,
  headers: gateway.headers('app'),
  upload: '/upload',
  large: '/large',
  everyMs: 500,
});

/** Milliseconds of the slowest of some requests, one after the other: GETs, and uploads that come at once. */
async function slowestOf(count: number): Promise<number> {
  let slowest = 0;
  for (let turn = 0; turn < count; turn += 1) {
    const started = performance.now();
    const asked =
      turn % 2 === 0 ? get(to('/small')) : request({ ...to('/upload'), method: 'POST' });
    if (turn % 2 === 1) asked.end(Buffer.alloc(20_000));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    await buffer(response);
    expect(response.statusCode).toBe(200);
    slowest = Math.max(slowest, performance.now() - started);
  }
  return slowest;
}

describe('200 clients that never finish', () => {
  it('hold nothing that others need, and are cut', async () => {
    await slowestOf(10);
    await using clients = await startSlowClients(200, slownesses, slow());
    expect(await slowestOf(50)).toBeLessThan(servedMsMax);
    const readers = clients.all.filter(({ kind }) => kind === 'reader');
    const others = clients.all.filter(({ kind }) => kind !== 'reader');
    const cuts = await Promise.all(others.map(({ cut }) => cut));
    expect(Math.max(...cuts)).toBeLessThan(40_000);
    for (const reader of readers) reader.readOn();
    await Promise.all(readers.map(({ cut }) => cut));
    const lengths = readers.map((reader) => reader.answer().length);
    expect(Math.max(...lengths)).toBeLessThan(32 * 1024 * 1024);
  });

  it('tell a caller whose body does not come what was wrong', async () => {
    await using clients = await startSlowClients(1, ['body'], slow());
    const [client] = clients.all;
    await client?.cut;
    expect(client?.answer()).toContain('HTTP/1.1 408 ');
    expect(client?.answer()).toContain('request-too-slow');
  });

  it('send the origin no request whose head or body has not come', async () => {
    const seen: string[] = [];
    const listener = ({ url }: IncomingMessage) => seen.push(url ?? '');
    origin.server.on('request', listener);
    await using clients = await startSlowClients(20, ['head', 'body'], slow());
    await Promise.all(clients.all.map(({ cut }) => cut));
    origin.server.off('request', listener);
    expect(seen).toEqual([]);
  });
});

describe('callers that hold all connections to a target', () => {
  it('are cut while others wait, long before they would be otherwise', async () => {
    await using crowded = await HttpGateway.start({
      targets: { app: httpTarget(origin) },
      policies,
      limits: { upstreamConnectionsMax: 4 },
    });
    const headers = crowded.headers('app');
    const options = { ...slow(), port: crowded.port, ca: crowded.ca, headers };
    await using readers = await startSlowClients(4, ['reader'], options);
    expect(readers.all).toHaveLength(4);
    const { port, ca } = crowded;
    const started = performance.now();
    const asked = get({
      host: '127.0.0.1',
      port,
      ca,
      servername: 'localhost',
      path: '/small',
      headers,
    });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    await buffer(response);
    expect(response.statusCode).toBe(200);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

describe('answers that unpack to 200 MB under a mask', () => {
  it.each(['/bomb/gzip', '/bomb/br'])(
    '%s is refused before any of it was sent, and others are served meanwhile',
    async (path) => {
      const bombs = Array.from({ length: 20 }, () => bytesOf(path));
      expect(await slowestOf(50)).toBeLessThan(servedMsMax);
      for (const { status, bytes, isWhole } of await Promise.all(bombs)) {
        expect({ status, isWhole }).toEqual({ status: 403, isWhole: true });
        expect(bytes).toBeLessThan(1024);
      }
    },
  );

  it('leave the gateway with the memory that it had', async () => {
    const before = await residentMegabytes();
    await Promise.all(Array.from({ length: 40 }, () => bytesOf('/bomb/br')));
    expect((await residentMegabytes()) - before).toBeLessThan(200);
  });
});

async function bytesOf(path: string): Promise<{
  readonly status: number | undefined;
  readonly bytes: number;
  readonly isWhole: boolean;
}> {
  const asked = get({ ...to(path), agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => (bytes += chunk.length));
  response.on('error', () => undefined);
  await new Promise((resolve) => response.once('close', resolve));
  return { status: response.statusCode, bytes, isWhole: response.complete };
}

async function residentMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${gateway.process.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

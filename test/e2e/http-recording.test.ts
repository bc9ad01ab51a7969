// Evidence of HTTP: written before a target sees a request, whole after a crash, refused to nobody else, and without secrets.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';

import type { Entry } from '#engine';
import { listRecordings, readRecording, verifyRecording } from '#engine';
import type { Origin } from '#lab';
import { startOrigin } from '#lab';
import { describeIf } from '../support/describe-if.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/http-client.ts';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';
import { startMarkedRequests } from '../support/marked-requests.ts';
import { runToSuccess } from '../support/program.ts';
import { between, seededRandom } from '../support/random.ts';

const kills = 15;
const killMsMin = 20;
const killMsMax = 300;
/** More were sent before the kill: then every client was at work. */
const markersBusy = 20;
const suiteMsMax = 180_000;
const markers = /marker-[\w-]+?-end/g;
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);

interface Arrival {
  readonly marker: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

async function entriesOf(gateway: HttpGateway): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const { file } of await listRecordings(gateway.recordings)) {
    for await (const entry of readRecording(file)) entries.push(entry);
  }
  return entries;
}

async function brokenChains(gateway: HttpGateway) {
  const recordings = await listRecordings(gateway.recordings);
  const verified = await Promise.all(recordings.map(({ file }) => verifyRecording(file)));
  return verified.filter(({ state }) => state === 'broken');
}

describe(`kill -9 under load, seed ${seed}`, () => {
  const arrivals: Arrival[] = [];
  let origin: Origin;
  let gateway: HttpGateway;
  let markersSent = 0;
  let killedUnderLoad = 0;

  async function oneLife(life: number, killMs: number): Promise<void> {
    const load = startMarkedRequests(gateway, `${seed}-${life}`);
    await load.answered;
    await new Promise((resolve) => setTimeout(resolve, killMs));
    const before = load.sent();
    await gateway.process.kill();
    await load.ended;
    markersSent += load.sent();
    if (before > markersBusy) killedUnderLoad += 1;
    await gateway.restart();
  }

  beforeAll(async () => {
    origin = await startOrigin({
      onRequest: ({ url = '' }) => {
        const [marker = ''] = url.match(markers) ?? [];
        arrivals.push({ marker, at: Date.now() });
      },
    });
    gateway = await HttpGateway.start({ targets: { app: httpTarget(origin) } });
    const random = seededRandom(seed);
    for (let life = 1; life <= kills; life += 1) {
      await oneLife(life, between(random, killMsMin, killMsMax));
    }
  }, suiteMsMax);

  afterAll(async () => {
    await gateway.stop();
    await origin.stop();
  });

  it('was under load when it was killed', () => {
    expect(killedUnderLoad).toBeGreaterThan(kills / 2);
    expect(arrivals.length).toBeGreaterThan(markersSent / 2);
  });

  it('had recorded every request that the target saw, before it saw it, and as often', async () => {
    const permitted = new Map<string, number[]>();
    for (const { type, verdict, text, at } of await entriesOf(gateway)) {
      if (type !== 'statement' || verdict !== 'allow') continue;
      const [marker = ''] = JSON.stringify(text).match(markers) ?? [];
      permitted.set(marker, [...(permitted.get(marker) ?? []), Number(at)]);
    }
    const unrecorded = arrivals.filter(
      ({ marker, at }) => !permitted.get(marker)?.some((recordedAt) => recordedAt <= at),
    );
    expect(unrecorded.slice(0, 5)).toEqual([]);
    const seen = Map.groupBy(arrivals, ({ marker }) => marker);
    const repeated = [...seen].filter(
      ([marker, all]) => all.length > (permitted.get(marker)?.length ?? 0),
    );
    expect(repeated.slice(0, 5)).toEqual([]);
  });

  it('left no chain broken', async () => {
    expect(await brokenChains(gateway)).toEqual([]);
    expect((await listRecordings(gateway.recordings)).length).toBeGreaterThan(kills);
  });
});

/** Echoes messages, too. */
async function startEcho(onRequest: (url: string) => void): Promise<Origin> {
  const origin = await startOrigin({
    onRequest: ({ url = '' }) => {
      onRequest(url);
    },
  });
  const sockets = new WebSocketServer({ noServer: true });
  origin.server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('message', (message, binary) => {
        accepted.send(message, { binary });
      });
    });
  });
  return origin;
}

async function openSocket(gateway: HttpGateway): Promise<WebSocket> {
  const socket = new WebSocket(`wss://${gateway.host}:${gateway.port}/socket`, {
    ca: gateway.ca,
    headers: { ...gateway.headers('app') },
  });
  await once(socket, 'open');
  return socket;
}

describeIf('prlimit', 'a recording that cannot be written', (prlimit) => {
  let origin: Origin;
  let gateway: HttpGateway;
  const arrived: string[] = [];

  beforeAll(async () => {
    origin = await startEcho((url) => arrived.push(url));
    const policies = {
      'rules.rego':
        'package rules.http.test\n\nimport rego.v1\n\nallow contains "all"\n\napprove contains {"id": "p", "msg": "m", "groups": ["approvers"], "ttl": "5m"} if input.statement.command == "PUT"\n',
    };
    gateway = await HttpGateway.start({ targets: { app: httpTarget(origin) }, policies });
  });

  afterAll(async () => {
    await gateway.stop();
    await origin.stop();
  });

  const limitFiles = (bytes: string) =>
    runToSuccess(prlimit, ['--pid', String(gateway.process.pid), `--fsize=${bytes}:unlimited`], {
      env: process.env,
    });

  it('forwards no request and no message until there is room', async () => {
    expect((await ask(gateway, '/small?before')).status).toBe(200);
    const socket = await openSocket(gateway);
    const echoed: string[] = [];
    socket.on('message', (message: Buffer) => echoed.push(message.toString()));
    socket.send('one');
    await once(socket, 'message');

    await limitFiles('1');
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const refused = await ask(gateway, '/small?full', { method });
      expect(refused.status).toBe(503);
      expect(JSON.parse(refused.body)).toMatchObject({ code: 'record-failed' });
    }
    const closed = once(socket, 'close');
    socket.send('two');
    await closed;
    await limitFiles('unlimited');

    expect((await ask(gateway, '/small?after')).status).toBe(200);
    expect(arrived.filter((url) => url.startsWith('/small'))).toEqual([
      '/small?before',
      '/small?after',
    ]);
    expect(echoed).toEqual(['one']);
    expect(await brokenChains(gateway)).toEqual([]);
  });
});

describe('the recording of requests', () => {
  const secrets = {
    bearer: 'target-bearer-4711',
    password: 'target-password-4712',
    'api-key': 'target-key-4713',
  };
  const callerSecrets = ['cookie-4714', 'callers-key-4715', 'wrong-token-4716'];
  let origin: Origin;
  let gateway: HttpGateway;

  beforeAll(async () => {
    origin = await startEcho(() => undefined);
    const app = httpTarget(origin);
    gateway = await HttpGateway.start({
      targets: {
        app: { ...app, credential: { bearer: { file: './bearer' } } },
        basic: {
          ...app,
          credential: { basic: { user: 'gateway', password: { file: './password' } } },
        },
        keyed: {
          ...app,
          credential: { header: { name: 'X-Target-Key', value: { file: './api-key' } } },
        },
      },
      secrets,
      limits: { heldRequestSecondsMax: 1 },
      policies: {
        'rules.rego':
          'package rules.http.test\n\nimport rego.v1\n\nallow contains "all"\n\ndeny contains "no" if input.statement.command == "DELETE"\n\napprove contains {"id": "p", "msg": "m", "groups": ["approvers"], "ttl": "5m"} if input.statement.command == "PUT"\n',
      },
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await origin.stop();
  });

  it('says what came of each: status, bytes, and the hash of what was sent', async () => {
    const body = Buffer.alloc(300_000, 'sent');
    const reply = await ask(gateway, '/upload?outcome', { method: 'POST', body });
    const sent = { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
    expect(JSON.parse(reply.body)).toEqual(sent);
    let outcome: Entry | undefined;
    await eventually('the outcome is recorded', async () => {
      outcome = (await entriesOf(gateway)).find(({ type }) => type === 'outcome');
      return outcome !== undefined;
    });
    expect(outcome).toMatchObject({ request: 1, tag: '200', bytes: reply.body.length, sent });
  });

  it('has each message of a WebSocket, both ways', async () => {
    const socket = await openSocket(gateway);
    const [text, binary] = ['hello', Buffer.from([0, 1, 2])];
    socket.send(text);
    await once(socket, 'message');
    socket.send(binary);
    await once(socket, 'message');
    socket.close();
    await once(socket, 'close');
    await eventually('the end is recorded', async () =>
      (await entriesOf(gateway)).some(({ tag }) => tag === '101'),
    );
    const messages = (await entriesOf(gateway)).filter(({ type }) => type === 'message');
    const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(
      messages.map(({ direction, content, sha256: hash }) => ({ direction, content, hash })),
    ).toEqual([
      { direction: 'up', content: 'text', hash: sha256(text) },
      { direction: 'down', content: 'text', hash: sha256(text) },
      { direction: 'up', content: 'binary', hash: sha256(binary) },
      { direction: 'down', content: 'binary', hash: sha256(binary) },
    ]);
  });

  it('holds no secret of a caller or a target, and neither does the log', async () => {
    const [cookie, key, wrong] = callerSecrets;
    const headers = { cookie: `session=${cookie ?? ''}`, 'x-api-key': key };
    const assertions: string[] = [];
    for (const target of ['app', 'basic', 'keyed']) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        const reply = await ask(gateway, '/echo', {
          ...{ target, method, headers },
          ...(method === 'GET' ? {} : { body: 'a' }),
        });
        if (reply.status !== 200) continue;
        const seen = JSON.parse(reply.body) as { headers: readonly (readonly [string, string])[] };
        assertions.push(seen.headers.find(([name]) => /^sallyport/i.test(name))?.[1] ?? '');
      }
    }
    expect(assertions).toHaveLength(6);
    expect(assertions[0]).toMatch(/^ey/);
    const authorization = `Bearer ${wrong ?? ''}`;
    expect((await ask(gateway, '/echo', { headers: { authorization } })).status).toBe(401);
    expect((await ask(gateway, '/a%zz', { headers })).status).toBe(400);
    await gateway.process.stop();
    const recordings = await listRecordings(gateway.recordings);
    const texts = await Promise.all(recordings.map(({ file }) => readFile(file, 'utf8')));
    const all = [...texts, gateway.process.said(), JSON.stringify(gateway.process.log)].join('\n');
    expect(all).toContain('"hold"');
    expect(all).toContain('request-refused');
    const own = gateway.token();
    const basic = Buffer.from(`gateway:${secrets.password}`).toString('base64');
    for (const secret of [...Object.values(secrets), ...callerSecrets, ...assertions, own, basic]) {
      expect(all).not.toContain(secret);
    }
  });
});

// Masked routes end to end: hostile targets show a masked caller nothing, ordinary answers arrive masked and live.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:https';
import { createGzip, gunzipSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Origin } from '#lab';
import { startOrigin } from '#lab';

import type { MaskedArena } from '../adversarial/http/masked-arena.ts';
import {
  ask,
  maskedPrincipals,
  maskingPolicies,
  startMaskedArena,
  versions,
} from '../adversarial/http/masked-arena.ts';
import { maskedCases } from '../adversarial/http/masked-cases.ts';
import { canary, document, told } from '../adversarial/http/masked-case.ts';
import { runMasked } from '../adversarial/http/masked-run.ts';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';

let arena: MaskedArena;

beforeAll(async () => {
  arena = await startMaskedArena();
});

afterAll(async () => {
  await arena[Symbol.asyncDispose]();
});

describe('a hostile target', () => {
  it.each(maskedCases)('shows a masked caller nothing: $name', async (each) => {
    for (const version of versions) {
      expect(await runMasked(each, version, arena)).toMatchObject({ pass: true });
    }
  });
});

describe.each(versions)('over HTTP/%s', (version) => {
  it('a caller without masks gets the very bytes, and sends its own conditions', async () => {
    const body = gzipSync(document);
    const lines = ['Content-Encoding: gzip', 'ETag: "x"', 'X-Email: a', 'Location: /b'];
    const { answer, closes } = told('', 'masked', { body, lines });
    arena.upstream.take();
    arena.upstream.answerWith(answer, closes);
    const fields = { 'if-none-match': '"y"', range: 'bytes=0-', 'accept-encoding': 'gzip' };
    const got = await ask(version, arena.gateway, { fields }, 'reader');
    expect(gunzipSync(Buffer.from(got.body, 'latin1')).toString()).toBe(document);
    for (const name of ['etag', 'x-email', 'location']) expect(got.head).toContain(name);
    const received = arena.upstream.take().toString('latin1');
    for (const [name, value] of Object.entries(fields)) {
      expect(received).toContain(`${name}: ${value}\r\n`);
    }
  });

  it('what a caller itself named comes back under masks', async () => {
    const lines = ['Access-Control-Allow-Origin: https://app.example', 'Retry-After: 3'];
    const type = 'application/vnd.example.v1+json';
    const { answer } = told('', 'masked', { body: document, lines, type });
    arena.upstream.answerWith(answer);
    const fields = { origin: 'https://app.example', accept: `text/html, ${type}; q=0.5` };
    const got = await ask(version, arena.gateway, { fields });
    for (const text of [type, 'https://app.example', 'retry-after']) {
      expect(got.head).toContain(text);
    }
    expect(got.body).toBe(document.replace(canary, '***'));
  });
});

describe('a live stream', () => {
  let origin: Origin;
  let gateway: HttpGateway;
  /** The target's side of the stream that is open. */
  let opened: PromiseWithResolvers<ServerResponse>;

  beforeAll(async () => {
    origin = await startOrigin();
    origin.server.removeAllListeners('request');
    origin.server.on('request', (_: IncomingMessage, response: ServerResponse) => {
      opened.resolve(response);
    });
    gateway = await HttpGateway.start({
      targets: { app: httpTarget(origin) },
      policies: maskingPolicies,
      principals: maskedPrincipals,
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await origin.stop();
  });

  async function open(type: string, coding = 'identity') {
    opened = Promise.withResolvers();
    const sent = request({
      ...{ host: gateway.host, port: gateway.port, ca: gateway.ca, servername: 'localhost' },
      headers: gateway.headers('app'),
    });
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    sent.on('error', () => undefined).end();
    const target = await opened.promise;
    target.writeHead(200, { 'content-type': type, 'content-encoding': coding }).flushHeaders();
    const [caller] = await answered;
    caller.setEncoding('utf8');
    return { target, caller, next: async () => ((await once(caller, 'data')) as [string])[0] };
  }

  it.each([
    ['text/event-stream', `data: ${document}\n\n`],
    ['application/x-ndjson', `${document}\n`],
    ['text/csv', `id,email\n1,${canary}\n`],
  ])('of %s arrives record by record', async (type, record) => {
    const { target, caller, next } = await open(type);
    const expected = record.replace(canary, '***');
    target.write(record);
    expect(await next()).toBe(expected);
    if (type !== 'text/csv') {
      target.write(record);
      expect(await next()).toBe(expected);
    }
    const over = once(caller, 'end');
    caller.resume();
    target.end();
    await over;
  });

  it('of encoded events arrives as its target flushes it', async () => {
    const { target, caller, next } = await open('text/event-stream', 'gzip');
    const gzip = createGzip();
    gzip.pipe(target);
    for (let count = 0; count < 3; count += 1) {
      gzip.write(`data: ${document}\n\n`);
      gzip.flush();
      expect(await next()).toBe(`data: ${document.replace(canary, '***')}\n\n`);
    }
    const over = once(caller, 'end');
    caller.resume();
    gzip.end();
    await over;
  });

  it('of events that its target breaks off ends broken', async () => {
    const { target, caller, next } = await open('text/event-stream');
    target.write(`data: ${document}\n\ndata: {"email":"${canary.slice(0, 9)}`);
    expect(await next()).not.toContain('canary');
    target.destroy();
    await expect(once(caller, 'end')).rejects.toThrow('aborted');
  });

  it('ends at its target when the caller leaves', async () => {
    const { target, caller, next } = await open('text/event-stream');
    target.write(`data: ${document}\n\n`);
    await next();
    const closed = once(target, 'close');
    caller.on('error', () => undefined).destroy();
    await closed;
  });
});

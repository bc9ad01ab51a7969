// Answers that take their time, as curl sees them: events arrive when they are sent, whoever leaves is missed at once on
// the other side, and what was cut short never looks whole.

import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RunningProgram } from '../../support/program.ts';
import { asAda, startCurl, urlOf } from '../../support/curl.ts';
import { HttpGateway, httpTarget } from '../../support/http-gateway.ts';
import type { HttpsTarget } from '../../support/https-target.ts';
import { startHttpsTarget } from '../../support/https-target.ts';

type Arrival = [IncomingMessage, ServerResponse];

const policies = {
  'rules.rego': `package rules.http.streams

import rego.v1

allow contains "everybody may ask"

mask contains {"field": "$.email", "strategy": "fixed"} if input.statement.path == "/masked"
`,
};

const missedMsMax = 1000;
const arrivals = new EventEmitter<{ arrival: Arrival }>();
let target: HttpsTarget;
let gateway: HttpGateway;

beforeAll(async () => {
  target = await startHttpsTarget((...arrival) => {
    arrivals.emit('arrival', ...arrival);
  });
  gateway = await HttpGateway.start({ targets: { app: httpTarget(target) }, policies });
});

afterAll(async () => {
  await gateway.stop();
  await target[Symbol.asyncDispose]();
});

interface Asked {
  readonly curl: RunningProgram;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Starts curl and answers with what the target got, for the test to play the target. */
async function ask(args: readonly string[], input = '', path = '/'): Promise<Asked> {
  const arrival = once(arrivals, 'arrival') as Promise<Arrival>;
  const all = [...asAda(gateway), '--no-buffer', '--include', ...args, urlOf(gateway, path)];
  const curl = startCurl(gateway, all, { input });
  const [request, response] = await arrival;
  return { curl, request, response };
}

/** Milliseconds until it happens. */
async function after(happens: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await happens;
  return performance.now() - startedAt;
}

describe.each(['--http1.1', '--http2'])('curl %s', (version) => {
  it('gets the head of a stream, and each event, as they are sent', async () => {
    const { curl, response } = await ask([version, '--verbose']);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    await curl.says('< content-type: text/event-stream');
    for (const number of [1, 2, 3]) {
      response.write(`data: ${number}\n\n`);
      await curl.says(`data: ${number}\n\n`);
    }
    response.end();
    expect((await curl.result).code).toBe(0);
  });

  it('waits for an answer that comes late', async () => {
    const { curl, response } = await ask([version]);
    response.writeHead(200, { 'content-length': 4 });
    response.end('news');
    const { code, stdout } = await curl.result;
    expect({ code, last: stdout.slice(-4) }).toEqual({ code: 0, last: 'news' });
  });

  it.each(['SIGKILL', 'SIGINT'] as const)('is missed by the target after %s', async (signal) => {
    const { curl, response } = await ask([version]);
    const closed = once(response, 'close');
    response.writeHead(200).write('begun');
    await curl.says('begun');
    curl.signal(signal);
    expect(await after(closed)).toBeLessThan(missedMsMax);
  });

  it('is missed by a target that has not answered yet', async () => {
    const { curl, response } = await ask([version]);
    const closed = once(response, 'close');
    curl.signal('SIGKILL');
    expect(await after(closed)).toBeLessThan(missedMsMax);
  });

  it('is missed in the middle of an upload, which does not look whole', async () => {
    const slow = ['--limit-rate', '200k', '--upload-file', '-'];
    const { curl, request } = await ask([version, ...slow], 'x'.repeat(1_000_000));
    await once(request, 'data');
    const broken = once(request, 'end').catch((error: unknown) => error);
    curl.signal('SIGKILL');
    expect(await after(broken)).toBeLessThan(missedMsMax);
    expect(await broken).toMatchObject({ code: 'ECONNRESET' });
    expect(request.complete).toBe(false);
  });

  it.each([
    ['with a length', { 'content-length': 100 }],
    ['in chunks', {}],
  ])('fails when the target breaks off an answer %s', async (_name, fields) => {
    const { curl, response } = await ask([version]);
    response.writeHead(200, fields).write('begun');
    await curl.says('begun');
    response.destroy();
    let code: number | null = 0;
    const ended = curl.result.then((result) => {
      ({ code } = result);
    });
    expect(await after(ended)).toBeLessThan(missedMsMax);
    expect(code).toBe(version === '--http2' ? 92 : 18);
  });

  it('fails when a masked answer turns out not to be JSON', async () => {
    const { curl, response } = await ask([version], '', '/masked');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"email": "ada@example.com", "text": "${'x'.repeat(100_000)}", `);
    await curl.says('"email": "***"');
    response.end('and }');
    const { code, stdout } = await curl.result;
    expect(code).toBe(version === '--http2' ? 92 : 18);
    expect(stdout).not.toContain('ada@example.com');
  });

  it('is not told that an answer is whole which only the end of the connection ends', async () => {
    const { curl, response } = await ask([version]);
    response.socket?.end('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nall there is?');
    const { stdout } = await curl.result;
    expect(stdout).toMatch(/^HTTP\/[12.]+ 502/);
    expect(stdout).not.toContain('all there is?');
  });

  it('is told when the target ends without an answer', async () => {
    const { curl, response } = await ask([version]);
    response.destroy();
    expect((await curl.result).stdout).toMatch(/^HTTP\/[12.]+ 502/);
  });

  // By HTTP/2 curl 7.88 never stops sending after an early 200, whatever server it talks to.
  const early = version === '--http2' ? [413] : [413, 200];
  it.each(early)('sees %d in answer to an upload that has not ended', async (status) => {
    const args = [version, '--max-time', '20', '--upload-file', '-'];
    const { curl, request, response } = await ask(args, 'x'.repeat(8_000_000));
    request.resume();
    response.writeHead(status, { 'content-length': 6 }).end('enough');
    const { code, stdout } = await curl.result;
    expect({ code, head: stdout.includes(` ${status} `) }).toEqual({ code: 0, head: true });
    expect(stdout).toContain('enough');
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Origin, TlsServer } from '#lab';
import { nginxBodies, startHaproxy, startNginxOrigin, startNginxProxy, startOrigin } from '#lab';
import { describeIf } from '../support/describe-if.ts';
import { eventually } from '../support/eventually.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Over TLS that is verified against the server's own authority. */
async function ask(
  server: { readonly port: number; readonly ca: string },
  path: string,
  body = '',
): Promise<Answer> {
  const sent = request({
    ...{ host: 'localhost', port: server.port, path, ca: await readFile(server.ca) },
    ...{ method: body === '' ? 'GET' : 'POST', agent: false },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode, headers } = response;
  return { status: statusCode, headers, body: await buffer(response) };
}

describe('startOrigin', () => {
  let origin: Origin;
  beforeAll(async () => {
    origin = await startOrigin();
  });
  afterAll(() => origin.stop());

  it('echoes a request as it arrived', async () => {
    const { body } = await ask(origin, '/echo?b=%2F&b', 'hello');
    expect(JSON.parse(body.toString())).toMatchObject({
      method: 'POST',
      target: '/echo?b=%2F&b',
      headers: expect.arrayContaining([['Host', `localhost:${origin.port}`]]),
      body: 'hello',
    });
  });

  it('knows what was uploaded', async () => {
    const { body } = await ask(origin, '/upload', 'x'.repeat(100_000));
    expect(JSON.parse(body.toString())).toMatchObject({ bytes: 100_000 });
  });

  it('serves the same people in each type and encoding', async () => {
    const types = {
      '/json': 'application/json',
      '/ndjson': 'application/x-ndjson',
      '/csv': 'text/csv',
    };
    for (const [path, type] of Object.entries(types)) {
      const { headers, body } = await ask(origin, `${path}?count=2`);
      expect(headers['content-type']).toBe(type);
      expect(body.toString().match(/@example\.com/g)).toHaveLength(2);
    }
    const { headers, body } = await ask(origin, '/gzip');
    expect(headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(body).toString())).toHaveProperty('users.length', 3);
  });

  it('ends a stream of events after as many as asked for', async () => {
    const { body } = await ask(origin, '/sse?count=3&every=1');
    expect(body.toString().match(/^data: /gm)).toHaveLength(3);
  });

  it('sends bombs that are small', async () => {
    const { body } = await ask(origin, '/bomb/br?mb=20');
    expect(body.length).toBeLessThan(1000);
  });
});

describeIf('nginx', 'startNginxOrigin', () => {
  let origin: TlsServer;
  beforeAll(async () => {
    origin = await startNginxOrigin();
  });
  afterAll(() => origin.stop());

  it.each(Object.entries(nginxBodies))('serves %s', async (path, expected) => {
    const { status, body } = await ask(origin, path);
    expect(status).toBe(200);
    expect(body.equals(expected)).toBe(true);
  });

  it('is gone when stopped, with its files, however often', async () => {
    await using other = await startNginxOrigin();
    await other.stop();
    await other.stop();
    expect(() => process.kill(other.pid, 0)).toThrow('ESRCH');
    expect(existsSync(other.directory)).toBe(false);
  });

  it('ends with the process that started it, even when that one is killed', async () => {
    const lab = fileURLToPath(new URL('../../lab/index.ts', import.meta.url));
    const script = `
      const { startNginxOrigin } = await import(${JSON.stringify(lab)});
      const { pid, directory } = await startNginxOrigin();
      console.log(JSON.stringify({ pid, directory }));
      setInterval(() => undefined, 1e6);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const { pid, directory } = JSON.parse(line.toString()) as { pid: number; directory: string };
    parent.kill('SIGKILL');
    await eventually('the directory goes', () => Promise.resolve(!existsSync(directory)));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  describe.each([
    ['nginx', startNginxProxy],
    ['haproxy', startHaproxy],
  ])('behind %s', (program, start) => {
    describeIf(program, 'the reverse proxy', () => {
      it('serves what the origin serves, when it can verify it', async () => {
        await using proxy = await start(origin);
        const { status, body } = await ask(proxy, '/mb');
        expect(status).toBe(200);
        expect(body.equals(nginxBodies['/mb'])).toBe(true);
      });

      it('answers an error when it cannot', async () => {
        await using stranger = await startOrigin();
        await using proxy = await start({ port: origin.port, ca: stranger.ca });
        expect((await ask(proxy, '/small')).status).toBeGreaterThanOrEqual(502);
      });
    });
  });
});

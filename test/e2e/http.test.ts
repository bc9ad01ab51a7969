// Plain requests through a real gateway to a real server, by HTTP/1.1 and HTTP/2.

import { request } from 'node:https';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { connect } from 'node:http2';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Origin } from '#lab';
import { startOrigin } from '#lab';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let origin: Origin;
let gateway: HttpGateway;

const policies = {
  'rules.rego': `package rules.http.test

import rego.v1

allow contains "everybody may ask"

deny contains "nobody deletes" if input.statement.command == "DELETE"
`,
};

beforeAll(async () => {
  origin = await startOrigin();
  gateway = await HttpGateway.start({ targets: { app: httpTarget(origin) }, policies });
});

afterAll(async () => {
  await gateway.stop();
  await origin.stop();
});

async function ask(path: string, options: RequestOptions = {}, body?: Buffer): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { headers, ...rest } = options;
  const sent = request({
    host: gateway.host,
    port: gateway.port,
    path,
    ca: gateway.ca,
    servername: 'localhost',
    headers: { ...gateway.headers('app'), ...(headers as object) },
    ...rest,
  });
  sent.on('response', resolve).on('error', reject).end(body);
  const response = await promise;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

describe('the HTTP host', () => {
  it('forwards what is allowed', async () => {
    const reply = await ask('/small');
    expect(reply.status).toBe(200);
    expect(reply.body.length).toBeGreaterThan(10);
  });

  it('denies with problem details', async () => {
    const reply = await ask('/small', { method: 'DELETE' });
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.body)).toMatchObject({ code: 'rule-deny' });
  });

  it('wants to know who asks', async () => {
    const reply = await ask('/small', { headers: { Authorization: 'Bearer nobody' } });
    expect(reply.status).toBe(401);
  });

  it('passes bodies on, small and large', async () => {
    for (const size of [10, 100_000, 3_000_000]) {
      const reply = await ask('/upload', { method: 'POST' }, Buffer.alloc(size, 'x'));
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.body)).toMatchObject({ bytes: size });
    }
  });

  it('speaks HTTP/2', async () => {
    const session = connect(`https://${gateway.host}:${gateway.port}`, {
      ca: gateway.ca,
      servername: 'localhost',
    });
    const stream = session.request({
      ':path': '/small',
      ':authority': 'app.localhost',
      authorization: gateway.headers('app')['Authorization'],
    });
    const status = await new Promise((resolve, reject) => {
      stream.on('response', (headers) => resolve(headers[':status'])).on('error', reject);
    });
    expect(status).toBe(200);
    session.destroy();
  });
});

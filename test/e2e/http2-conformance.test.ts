// HTTP/2 by the letter: each case's frames to a real gateway, and what the gateway has to make of them.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Origin } from '#lab';
import { startOrigin } from '#lab';
import type { Good } from '../conformance/http2/case.ts';
import { goodRequestOf, http2Cases, runCase } from '../conformance/http2/run.ts';
import { http2Page } from '../conformance/http2/table.ts';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';

let origin: Origin;
let gateway: HttpGateway;
let good: Good;
let bystander: ClientHttp2Session;

beforeAll(async () => {
  origin = await startOrigin();
  gateway = await HttpGateway.start({ targets: { app: httpTarget(origin) } });
  good = goodRequestOf(gateway, 'app');
  bystander = connect(`https://127.0.0.1:${gateway.port}`, {
    ca: gateway.ca,
    servername: 'localhost',
  });
  await once(bystander, 'connect');
});

afterAll(async () => {
  bystander.destroy();
  await gateway.stop();
  await origin.stop();
});

/** The status that another connection's request gets. */
async function askBeside(): Promise<unknown> {
  const asked = bystander.request(Object.fromEntries(good.fields));
  const [head] = (await once(asked, 'response')) as [Record<string, unknown>];
  asked.close();
  return head[':status'];
}

it('has a page that says what is tested here', () => {
  expect(readFileSync(new URL('../../docs/reference/http2.md', import.meta.url), 'utf8')).toBe(
    http2Page(),
  );
});

describe('HTTP/2', () => {
  const rows = http2Cases.map((each) => [each.section, each.name, each.expect, each] as const);

  it.each(rows)('%s: %s → %s', async (_section, _name, expected, each) => {
    const [outcome, status] = await Promise.all([runCase(gateway, each, good), askBeside()]);
    expect(outcome).toBe(expected);
    expect(status).toBe(200);
  });
});

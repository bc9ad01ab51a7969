// Clients of PostgreSQL see through the gateway what they see of the server itself; `npm run conformance` has more of them.

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { runClient } from '../conformance/postgres/clients.ts';
import { harnesses } from '../conformance/postgres/harness.ts';
import { corpusSetup } from '../support/corpus.ts';
import { TestGateway } from '../support/gateway.ts';

const chosen = ['psycopg', 'asyncpg'];

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start({ server: { setup: [corpusSetup] } });
});

afterAll(async () => {
  await gateway.stop();
});

it.each(harnesses.filter(({ name }) => chosen.includes(name)))(
  '$client',
  async (harness) => {
    const outcome = await runClient(harness, gateway);
    if ('missing' in outcome) throw new Error(outcome.missing);
    expect(outcome.cases).toBeGreaterThan(300);
    expect(outcome.differences).toEqual([]);
  },
  240_000,
);

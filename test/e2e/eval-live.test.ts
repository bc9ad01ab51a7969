// `eval` and the live gateway decide alike, because they run the same code on the same catalog.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { shopSetup } from '../../cli/demo/shop.ts';
import { answerOf } from '../../cli/eval/answer.ts';
import { questionOf } from '../../cli/eval/question.ts';
import type { LoadedPolicies } from '../../cli/policies.ts';
import { loadPolicies } from '../../cli/policies.ts';
import { loadConfig } from '../../engine/config/index.ts';
import { TestGateway } from '../support/gateway.ts';

const examples = fileURLToPath(new URL('../../policies/examples/postgres/', import.meta.url));
const policies = Object.fromEntries(
  readdirSync(examples).map((name) => [name, readFileSync(join(examples, name), 'utf8')]),
);

const statements = [
  'SELECT 1',
  'SELECT id, total FROM orders',
  'SELECT id, email FROM users LIMIT 10',
  'SELECT * FROM users LIMIT 10',
  "SELECT id FROM users WHERE email = 'mary.winter@example.org' LIMIT 1",
  'SELECT lower(email) FROM users LIMIT 1',
  'SELECT country, count(*) FROM users GROUP BY country LIMIT 9',
  'SELECT email FROM users UNION SELECT phone FROM users LIMIT 1',
  'SELECT id FROM nowhere LIMIT 1',
  "UPDATE orders SET status = 'paid' WHERE id = 1",
  'TRUNCATE orders',
  'DROP TABLE orders',
  'DO $$ BEGIN NULL; END $$',
  'SELECT 1; SELECT 2',
  'SELECT 1; TRUNCATE orders',
  'COPY users TO STDOUT',
  'SET ROLE postgres',
  'SELEC 1',
];

/** The gateway's own word for a statement that it did not forward. */
const refusedByGateway = (error: unknown) =>
  error instanceof pg.DatabaseError && error.routine === 'sallyport';

const noOptions = {
  config: '',
  target: undefined,
  database: undefined,
  user: undefined,
  as: undefined,
  groups: undefined,
  kind: 'human',
  time: undefined,
  statement: undefined,
  request: '',
  header: [],
  data: undefined,
  file: undefined,
  input: undefined,
  'cross-check': false,
  json: false,
};

let gateway: TestGateway;

beforeAll(async () => {
  const [setup = ''] = shopSetup;
  gateway = await TestGateway.start({
    policies,
    principals: {
      ada: { groups: ['engineering'] },
      grace: { groups: ['engineering', 'pii-readers'] },
      agent: { kind: 'workload', groups: ['agents'] },
    },
    labels: { env: 'production' },
    server: { setup: [setup.replaceAll('DATABASE shop', 'DATABASE app')] },
  });
});

afterAll(async () => {
  await gateway.stop();
});

describe.each(['ada', 'grace', 'agent'])('eval as %s', (principal) => {
  const config = () => loadConfig(gateway.files.config);
  let loaded: LoadedPolicies;

  beforeAll(async () => {
    loaded = await loadPolicies(config());
  });

  afterAll(async () => {
    await loaded.compiler.close();
  });

  it.each(statements)('decides as the gateway does on %s', async (sql) => {
    const client = new pg.Client(gateway.connection(principal));
    client.on('error', () => undefined);
    await client.connect();
    let live = 'allow';
    try {
      await client.query(sql);
    } catch (error) {
      if (refusedByGateway(error)) live = 'deny';
    }
    await client.end().catch(() => undefined);
    const question = questionOf({ ...noOptions, as: principal, statement: sql }, config());
    const answer = await answerOf(question, { config: config(), loaded, crossCheck: true });
    expect(answer.verdict).toBe(live);
    expect(answer.catalog).toContain('catalog');
    expect(answer.evaluated.filter(({ disagreement }) => disagreement !== undefined)).toEqual([]);
  });
});

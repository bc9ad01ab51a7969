// Budgets against clients that send ahead: portals in portions, pipelines, and what lies behind a statement that is stopped.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  RawClient,
  answerOf,
  bind,
  execute,
  extended,
  flush,
  parse,
  sync,
} from '../adversarial/postgres/raw-client.ts';
import { encodeQuery } from '../adversarial/postgres/frames.ts';
import { TestGateway } from '../support/gateway.ts';

const policy = `package rules.postgres.budgets

import rego.v1

allow contains "everything is allowed"
budget contains {"rows": 100} if "rows" in input.principal.groups
budget contains {"seconds": 1} if "seconds" in input.principal.groups
budget contains {"statements_per_minute": 10} if "few" in input.principal.groups
`;
const rowsOf = (count: number): string => `SELECT * FROM generate_series(1, ${count})`;
const portalSuspended = 0x73;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start({
    policies: { 'budgets.rego': policy },
    principals: {
      rows: { groups: ['rows'] },
      seconds: { groups: ['seconds'] },
      few: { groups: ['few'] },
    },
    allowPlaintextClients: true,
  });
});

afterAll(async () => {
  await gateway.stop();
});

const login = (user: 'rows' | 'seconds' | 'few'): Promise<RawClient> =>
  RawClient.login({
    ...{ port: gateway.port, user, password: gateway.token(user), database: 'shop' },
  });

/** Up to the next that is a row's end, an error or ReadyForQuery. */
const answered = async (client: RawClient) =>
  answerOf(await client.until(({ type }) => [portalSuspended, 0x43, 0x45, 0x5a].includes(type)));

describe('the portions of a portal', () => {
  it('share its budget, and nothing executes it further', async () => {
    using client = await login('rows');
    client.send(parse('', rowsOf(1000)), bind('', ''), execute('', 60), flush);
    expect((await answered(client)).rows).toHaveLength(60);
    client.send(execute('', 60), flush);
    const over = await answered(client);
    expect(over).toMatchObject({ errors: ['53400'] });
    expect(over.rows).toHaveLength(40);
    // What comes before the Sync is skipped, as behind an error of the server.
    client.send(execute('', 60), parse('s', 'SELECT 1'), flush, sync);
    const skipped = answerOf(await client.ready());
    expect(skipped).toMatchObject({ rows: [], errors: [], status: 'idle' });
    client.send(bind('', 's'), execute(''), sync);
    expect(answerOf(await client.ready()).errors).toEqual(['26000']);
  });

  it('stay spent inside a transaction that goes on', async () => {
    using client = await login('rows');
    await client.ask('BEGIN');
    client.send(parse('', rowsOf(1000)), bind('p', ''), execute('p', 101), sync);
    const over = answerOf(await client.ready());
    expect(over.rows).toHaveLength(100);
    expect(over.errors).toEqual(['53400']);
    if (over.status === 'transaction') {
      client.send(execute('p', 1), sync);
      expect(answerOf(await client.ready())).toMatchObject({
        rows: [],
        errors: ['53400'],
        status: 'failed',
      });
    }
    await client.ask('ROLLBACK');
    expect((await client.ask(rowsOf(100))).rows).toHaveLength(100);
  });
});

describe('what is sent behind a statement that is stopped', () => {
  it('is answered when it has a Sync of its own', async () => {
    using client = await login('rows');
    client.send(...extended(rowsOf(101)), sync, encodeQuery('SELECT 7'));
    const messages = await client.ready(2);
    const answer = answerOf(messages);
    expect(answer.errors[0]).toBe('53400');
    expect(answer.rows.length).toBeLessThanOrEqual(101);
    expect(answer.status).toBe('idle');
    expect((await client.ask('SELECT 8')).rows).toEqual([['8']]);
  });

  it('ends the session when it would run although the client believes it to be skipped', async () => {
    using client = await login('rows');
    client.send(...extended(rowsOf(101)), ...extended('SELECT 1'), sync);
    const answer = answerOf(await client.ended());
    expect(answer.errors.at(-1)).toBe('53400');
    expect(answer.rows.length).toBeLessThanOrEqual(100);
    expect(answer.status).toBe('closed');
  });

  it('is skipped up to the Sync when the target itself was stopped', async () => {
    using client = await login('seconds');
    client.send(...extended('SELECT pg_sleep(20)'), ...extended('SELECT 1'), sync);
    expect(answerOf(await client.ready())).toMatchObject({
      rows: [],
      errors: ['53400'],
      status: 'idle',
    });
    expect((await client.ask('SELECT 8')).rows).toEqual([['8']]);
  });

  it('has the time that a portal still has', async () => {
    using client = await login('seconds');
    const slow = 'SELECT pg_sleep(0.4) FROM generate_series(1, 100)';
    client.send(parse('', slow), bind('', ''), execute('', 1), flush);
    const rows: unknown[] = [];
    for (;;) {
      const answer = await answered(client);
      rows.push(...answer.rows);
      if (answer.errors.length > 0) {
        expect(answer.errors).toEqual(['53400']);
        break;
      }
      client.send(execute('', 1), flush);
    }
    expect(rows.length).toBeLessThanOrEqual(2);
    client.send(sync);
    expect(answerOf(await client.ready()).status).toBe('idle');
  });
});

describe('statements per minute', () => {
  it('count every execution in a pipeline, and the first that is too many fails it', async () => {
    using client = await login('few');
    client.send(parse('s', 'SELECT 1'));
    for (let count = 0; count < 12; count += 1) client.send(bind('', 's'), execute(''));
    client.send(sync);
    const answer = answerOf(await client.ready());
    expect(answer.rows).toHaveLength(10);
    expect(answer.errors).toEqual(['53400']);
    expect(
      (await client.ask(Array.from({ length: 11 }, () => 'SELECT 1').join(';'))).errors,
    ).toEqual(['53400']);
  });
});

// Rules about what a session did before: exact also against clients that send ahead.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { encodeQuery } from '../adversarial/postgres/frames.ts';
import {
  RawClient,
  answerOf,
  bind,
  execute,
  extended,
  parse,
  sync,
} from '../adversarial/postgres/raw-client.ts';
import { TestGateway } from '../support/gateway.ts';

const policy = `package rules.postgres.history

import rego.v1

allow contains "everything is allowed"

deny contains "enough was read" if {
	"reader" in input.principal.groups
	input.statement.so_far.rows >= 100
}

deny contains "who saw people sees no accounts" if {
	"wall" in input.principal.groups
	"public.people" in input.statement.so_far.relations
	some relation in input.statement.relations
	relation.name == "public.accounts"
}

deny contains "too many attempts" if {
	"guesser" in input.principal.groups
	input.statement.so_far.failed + input.statement.so_far.refused >= 3
}

deny contains "no TRUNCATE" if input.statement.command == "TRUNCATE"

deny contains "writes need a transaction" if {
	"writer" in input.principal.groups
	input.statement.command == "INSERT"
	input.statement.transaction == "idle"
}
`;
const rowsOf = (count: number): string => `SELECT * FROM generate_series(1, ${count})`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start({
    policies: { 'history.rego': policy },
    principals: Object.fromEntries(
      ['reader', 'wall', 'guesser', 'writer'].map((group) => [group, { groups: [group] }]),
    ),
    allowPlaintextClients: true,
    server: {
      setup: [
        `CREATE TABLE people (id int); CREATE TABLE accounts (id int);
         GRANT ALL ON people, accounts TO gateway`,
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
});

const login = (user: string): Promise<RawClient> =>
  RawClient.login({
    ...{ port: gateway.port, user, password: gateway.token(user), database: 'shop' },
  });

describe('rows so far', () => {
  it('end a session that reads in small portions', async () => {
    using client = await login('reader');
    expect((await client.ask(rowsOf(60))).rows).toHaveLength(60);
    expect((await client.execute(rowsOf(60))).rows).toHaveLength(60);
    expect((await client.ask('SELECT 1')).errors).toEqual(['42501']);
  });

  it('count what comes by COPY, and before an error', async () => {
    using copying = await login('reader');
    await copying.ask(`COPY (${rowsOf(100)}) TO STDOUT`);
    expect((await copying.ask('SELECT 1')).errors).toEqual(['42501']);
    using failing = await login('reader');
    const failed = await failing.ask('SELECT 1 / (5000 - g) FROM generate_series(1, 5000) g');
    expect(failed.errors).toEqual(['22012']);
    expect((await failing.ask('SELECT 1')).errors).toEqual(['42501']);
  });

  it('are known before the next of a pipeline is judged', async () => {
    using simple = await login('reader');
    simple.send(...Array.from({ length: 10 }, () => encodeQuery(rowsOf(60))));
    const answer = answerOf(await simple.ready(10));
    expect(answer.rows).toHaveLength(120);
    expect(answer.errors).toHaveLength(8);
    using one = await login('reader');
    one.send(...Array.from({ length: 10 }, () => extended(rowsOf(60))).flat(), sync);
    expect(answerOf(await one.ready())).toMatchObject({ errors: ['42501'] });
    using prepared = await login('reader');
    const again = Array.from({ length: 10 }, () => [bind('', 's'), execute('')]).flat();
    prepared.send(parse('s', rowsOf(60)), ...again, sync);
    const bound = answerOf(await prepared.ready());
    expect(bound.rows).toHaveLength(120);
    expect(bound.errors).toEqual(['42501']);
  });
});

describe('relations so far', () => {
  it('are those that statements reached, in whatever protocol', async () => {
    for (const way of ['ask', 'execute'] as const) {
      using client = await login('wall');
      expect((await client[way]('SELECT * FROM accounts')).errors).toEqual([]);
      expect((await client[way]('SELECT * FROM people JOIN accounts USING (id)')).errors).toEqual(
        [],
      );
      expect((await client[way]('SELECT * FROM accounts')).errors).toEqual(['42501']);
      expect((await client[way]('SELECT * FROM people')).errors).toEqual([]);
    }
  });
});

describe('attempts so far', () => {
  it('are what the target failed and what was refused', async () => {
    using client = await login('guesser');
    expect((await client.ask('SELECT 1/0')).errors).toEqual(['22012']);
    expect((await client.ask('TRUNCATE people')).errors).toEqual(['42501']);
    expect((await client.ask('SELECT 1')).errors).toEqual([]);
    expect((await client.execute('SELECT nothing')).errors).toEqual(['42703']);
    expect((await client.ask('SELECT 1')).errors).toEqual(['42501']);
  });
});

describe('the state of the transaction', () => {
  it('is what the target said last', async () => {
    using client = await login('writer');
    expect((await client.ask('INSERT INTO people VALUES (1)')).errors).toEqual(['42501']);
    client.send(
      encodeQuery('BEGIN'),
      encodeQuery('INSERT INTO people VALUES (1)'),
      encodeQuery('ROLLBACK'),
    );
    expect(answerOf(await client.ready(3)).errors).toEqual([]);
    expect((await client.execute('INSERT INTO people VALUES (1)')).errors).toEqual(['42501']);
  });
});

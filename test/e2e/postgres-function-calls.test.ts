// FunctionCall messages, of which large objects are made in libpq and pgjdbc: decided, held, bounded and recorded as the
// SELECT that calls the function, and answered as the target answers them.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { listRecordings, readRecording } from '#engine';
import { encodeQuery } from '../adversarial/postgres/frames.ts';
import {
  RawClient,
  answerOf,
  call,
  extended,
  fieldOf,
  flush,
  sync,
  valuesOf,
} from '../adversarial/postgres/raw-client.ts';
import { answerApproval, heldFor } from '../support/approvals.ts';
import { TestGateway } from '../support/gateway.ts';

const policy = `package rules.postgres.calls

import rego.v1

allow contains "everything is allowed"
deny contains "no large objects" if {
	"pg_catalog.lo_creat" in input.statement.functions
	"none" in input.principal.groups
}
approve contains {"id": "pay", "msg": "a payment", "groups": ["dba"], "ttl": "60s"} if {
	"public.pay" in input.statement.functions
}
budget contains {"bytes": 1000} if "bytes" in input.principal.groups
budget contains {"seconds": 1} if "seconds" in input.principal.groups
budget contains {"statements_per_minute": 3} if "few" in input.principal.groups
`;
const setup = `
CREATE FUNCTION pay(int) RETURNS text LANGUAGE sql AS $$ SELECT 'paid ' || $1 $$;
CREATE FUNCTION wide(int) RETURNS text LANGUAGE sql AS $$ SELECT repeat('x', $1) $$;
CREATE FUNCTION "Spät"".er"() RETURNS text LANGUAGE sql AS $$ SELECT 'late' $$;
CREATE TABLE marks (t text);
GRANT ALL ON marks TO gateway;
CREATE FUNCTION mark(text) RETURNS text LANGUAGE sql AS $$ INSERT INTO marks VALUES ($1) RETURNING t $$`;
const principals = Object.fromEntries(
  ['free', 'none', 'bytes', 'seconds', 'few', 'dba'].map((group) => [group, { groups: [group] }]),
);

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start({
    ...{ policies: { 'calls.rego': policy }, principals, allowPlaintextClients: true },
    server: { setup: [setup] },
  });
});

afterAll(async () => {
  await gateway.stop();
});

const login = (user = 'free'): Promise<RawClient> =>
  RawClient.login({
    ...{ port: gateway.port, user, password: gateway.token(user), database: 'shop' },
  });

async function oidOf(signature: string): Promise<number> {
  const [row] = await gateway.postgres.query(
    `SELECT '${signature}'::regprocedure::oid::int AS oid`,
  );
  return Number(row?.['oid']);
}

async function called(client: RawClient, signature: string, ...values: (string | null)[]) {
  client.send(call(await oidOf(signature), ...values));
  const messages = await client.ready();
  const { errors, status } = answerOf(messages);
  return { values: valuesOf(messages), errors, status };
}

const done = (...values: (string | null)[]) => ({ values, errors: [], status: 'idle' });
const failed = (code: string, status = 'idle') => ({ values: [], errors: [code], status });

describe('a function call', () => {
  it('is answered with the value, or NULL', async () => {
    using client = await login();
    expect(await called(client, 'reverse(text)', 'egral')).toEqual(done('large'));
    expect(await called(client, 'reverse(text)', null)).toEqual(done(null));
    expect(await called(client, 'public."Spät"".er"()')).toEqual(done('late'));
  });

  it('fails as it does at the target, and nothing is left of it', async () => {
    using client = await login();
    expect(await called(client, 'chr(int)', '0')).toEqual(failed('54000'));
    expect(await called(client, 'reverse(text)', 'on')).toEqual(done('no'));
    await client.ask('BEGIN');
    expect(await called(client, 'chr(int)', 'none')).toEqual(failed('22P02', 'failed'));
    expect(await called(client, 'reverse(text)', 'on')).toEqual(failed('25P02', 'failed'));
    expect((await client.ask('ROLLBACK')).status).toBe('idle');
  });

  it('goes into a pipeline that has no Sync yet, is skipped with it, and not with the next', async () => {
    using client = await login();
    const oid = await oidOf('mark(text)');
    client.send(...extended("INSERT INTO marks VALUES ('first')"), call(oid, 'second'));
    expect(valuesOf(await client.ready())).toEqual(['second']);
    // Some servers leave the transaction of the pipeline open, and some have committed it.
    await client.ask('COMMIT');
    client.send(...extended('SELECT 1/0'), call(oid, 'never'), flush, sync, call(oid, 'third'));
    const messages = await client.ready(2);
    expect(answerOf(messages).errors).toEqual(['22012']);
    expect(valuesOf(messages)).toEqual(['third']);
    client.send(call(oid, 'fourth'), encodeQuery('SELECT 7'), ...extended('SELECT 8'), sync);
    expect(answerOf(await client.ready(3)).rows).toEqual([['7'], ['8']]);
    const { rows } = await client.ask('SELECT string_agg(t, $$ $$) FROM marks');
    expect(rows).toEqual([['first second third fourth']]);
  });

  it('passes a value in pieces that is larger than any message may be', async () => {
    using client = await login();
    const size = 20_000_000;
    const { values } = await called(client, 'wide(int)', String(size));
    expect(values.map((value) => value?.length)).toEqual([size]);
    expect(await called(client, 'reverse(text)', 'on')).toEqual(done('no'));
  });

  it.each([
    ['nothing', '0'],
    ['a number that nobody has', '4294967295'],
    ['an aggregate', "'max(int)'::regprocedure"],
    ['a window function', "'row_number()'::regprocedure"],
    ['a function that returns a set', "'generate_series(int, int)'::regprocedure"],
    [
      'a function of pseudo-types',
      "'array_position(anycompatiblearray,anycompatible,int)'::regprocedure",
    ],
    ['a function with other arguments', "'reverse(text)'::regprocedure"],
  ])('of %s is refused', async (_, number) => {
    using client = await login();
    const [row] = await gateway.postgres.query(`SELECT ${number}::oid::bigint AS oid`);
    client.send(call(Number(row?.['oid']), '1', '2', '3'));
    expect(answerOf(await client.ready())).toMatchObject({ errors: ['0A000'], status: 'idle' });
    expect(await called(client, 'reverse(text)', 'on')).toEqual(done('no'));
  });

  it('is refused when the target cannot be asked what its number means', async () => {
    using client = await login();
    expect(await called(client, 'reverse(text)', 'on')).toEqual(done('no'));
    await gateway.postgres.query(
      `ALTER ROLE gateway CONNECTION LIMIT 0;
       SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'sallyport-catalog'`,
    );
    expect(await called(client, 'wide(int)', '3')).toEqual(failed('58000'));
    expect(await called(client, 'reverse(text)', 'on')).toEqual(done('no'));
    await gateway.postgres.query('ALTER ROLE gateway CONNECTION LIMIT -1');
    expect(await called(client, 'wide(int)', '3')).toEqual(done('xxx'));
  });

  it('that is malformed ends the session', async () => {
    using client = await login();
    const frame = call(await oidOf('reverse(text)'), 'x');
    frame.writeUInt16BE(2, 11);
    client.send(frame);
    expect(answerOf(await client.ended())).toMatchObject({ errors: ['08P01'], status: 'closed' });
  });
});

describe('a policy', () => {
  it('decides about a call by the name of the function', async () => {
    using client = await login('none');
    await client.ask('BEGIN');
    client.send(call(await oidOf('lo_creat(int)'), '-1'));
    const messages = await client.ready();
    const report = messages.find(({ type }) => type === 0x45)?.frame ?? Buffer.alloc(0);
    expect(fieldOf(report, 'M')).toBe('sallyport: no large objects');
    expect(answerOf(messages).status).toBe('failed');
    await client.ask('ROLLBACK');
    expect(await called(client, 'reverse(text)', 'on')).toEqual(done('no'));
  });

  it('bounds bytes', async () => {
    using client = await login('bytes');
    expect((await called(client, 'wide(int)', '900')).values[0]).toHaveLength(900);
    expect(await called(client, 'wide(int)', '1000')).toEqual(failed('53400'));
    expect(await called(client, 'wide(int)', '5000000')).toEqual(failed('53400'));
    expect(await called(client, 'reverse(text)', 'on')).toEqual(done('no'));
  });

  it('bounds seconds', async () => {
    using client = await login('seconds');
    expect(await called(client, 'pg_sleep(float8)', '30')).toEqual(failed('53400'));
    expect(await called(client, 'reverse(text)', 'on')).toEqual(done('no'));
  });

  it('bounds calls per minute', async () => {
    using client = await login('few');
    for (const text of ['one', 'two', 'three']) {
      expect((await called(client, 'reverse(text)', text)).errors).toEqual([]);
    }
    expect(await called(client, 'reverse(text)', 'on')).toEqual(failed('53400'));
  });
});

describe('a call that needs approval', () => {
  it('is asked about as a SELECT, and sent once when somebody approves it', async () => {
    using client = await login();
    const paid = called(client, 'pay(int)', '7');
    const [held] = await heldFor(gateway, 'dba');
    expect(held?.statement).toBe('SELECT "public"."pay"($1)');
    await answerApproval(gateway, 'dba', { id: held?.id ?? '', answer: 'approve', note: '' });
    expect(await paid).toEqual(done('paid 7'));
  });

  it('is not sent when its number has come to mean another function', async () => {
    using client = await login();
    const paid = called(client, 'pay(int)', '7');
    const [held] = await heldFor(gateway, 'dba');
    await gateway.postgres.query('ALTER FUNCTION pay(int) RENAME TO pay_twice');
    await answerApproval(gateway, 'dba', { id: held?.id ?? '', answer: 'approve', note: '' });
    expect(await paid).toEqual(failed('0A000'));
    await gateway.postgres.query('ALTER FUNCTION pay_twice(int) RENAME TO pay');
  });
});

it('leaves the statement, its arguments and its outcome in the recording', async () => {
  using client = await login();
  await called(client, 'left(text, int)', 'recorded', '3');
  await called(client, 'chr(int)', '0');
  client.send(call(0));
  await client.ready();
  const entries: object[] = [];
  for (const { file } of await listRecordings(gateway.recordings)) {
    for await (const entry of readRecording(file)) entries.push(entry);
  }
  expect(entries).toContainEqual(
    expect.objectContaining({
      ...{ type: 'statement', verdict: 'allow', protocol: 'function-call' },
      text: 'SELECT "pg_catalog"."left"($1, $2)',
      parameters: [{ text: 'recorded' }, { text: '3' }],
      decisions: [expect.objectContaining({ verdict: 'allow' })],
    }),
  );
  expect(entries).toContainEqual(
    expect.objectContaining({ type: 'outcome', tag: 'FUNCTION CALL' }),
  );
  expect(entries).toContainEqual(expect.objectContaining({ type: 'outcome', error: '54000' }));
  expect(entries).toContainEqual(
    expect.objectContaining({
      ...{ type: 'statement', verdict: 'deny', text: 'function call of OID 0' },
      refused: expect.objectContaining({ code: 'statement-unsupported' }),
    }),
  );
});

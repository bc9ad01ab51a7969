// Attacks by FunctionCall: functions by their numbers, where no SQL says what is called.

import { eventually } from '../../support/eventually.ts';
import type { Arena } from './arena.ts';
import { clearPolicy, maskingPolicy } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack, demand, demandError, demandRows } from './attack.ts';
import { encodeQuery, typed } from './frames.ts';
import type { RawClient } from './raw-client.ts';
import { answerOf, call, extended, fieldOf, flush, parse, sync, valuesOf } from './raw-client.ts';

const secret = 'SELECT email FROM users';
const isError = ({ type }: { readonly type: number }): boolean => type === 0x45;

async function oidOf(arena: Arena, signature: string): Promise<number> {
  const [[oid] = []] = await arena.server(`SELECT '${signature}'::regprocedure::oid::int`);
  return Number(oid);
}

async function refuses(client: RawClient, oid: number, ...values: string[]): Promise<string> {
  client.send(call(oid, ...values));
  const messages = await client.ready();
  demandError(answerOf(messages), '42501', '0A000');
  demand(valuesOf(messages).length === 0, 'a value came');
  return fieldOf(messages.find(isError)?.frame ?? Buffer.alloc(0), 'D');
}

async function filesOfServer(arena: Arena): Promise<void> {
  using masked = await arena.masked();
  using clear = await arena.clear();
  for (const client of [masked, clear]) {
    await refuses(client, await oidOf(arena, 'pg_read_file(text)'), 'postgresql.conf');
    await refuses(client, await oidOf(arena, 'lo_import(text)'), '/etc/passwd');
    await refuses(client, await oidOf(arena, 'lo_export(oid, text)'), '1', 'postgresql.conf');
    demandRows(await client.ask('SELECT 1'), [['1']]);
  }
}

async function readersUnderMasks(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const sql = ['SELECT email FROM users', 'true', 'true', ''];
  await refuses(client, await oidOf(arena, 'query_to_xml(text, boolean, boolean, text)'), ...sql);
  const table = ['users', 'true', 'true', ''];
  await refuses(
    client,
    await oidOf(arena, 'table_to_xml(regclass,boolean,boolean,text)'),
    ...table,
  );
  await refuses(client, await oidOf(arena, 'initcap(text, int)'), 'x', '1');
  await refuses(client, await oidOf(arena, 'shout_users()'));
  await refuses(client, await oidOf(arena, 'leak_users()'));
  await refuses(client, await oidOf(arena, 'open_users()'));
  await client.ask('BEGIN');
  const detail = await refuses(client, await oidOf(arena, 'lower(text)'), 'X');
  demand(detail.startsWith('reason mask-unsupported'), `another reason: ${detail}`);
  demandError(await client.ask('FETCH ALL FROM opened'));
  demand((await client.ask('ROLLBACK')).status === 'idle', 'the transaction did not end');
}

async function settings(arena: Arena): Promise<void> {
  using client = await arena.clear();
  const before = await arena.count('ledger');
  const hidden = "SELECT '\\'; INSERT INTO ledger (entry) VALUES ($$hidden$$); --'";
  const oid = await oidOf(arena, 'set_config(text, text, boolean)');
  await refuses(client, oid, 'standard_conforming_strings', 'off', 'false');
  await refuses(client, oid, 'role', 'postgres', 'false');
  await client.ask(hidden);
  client.send(call(await oidOf(arena, 'relax()')), encodeQuery(hidden), ...extended(hidden), sync);
  await client.ready(3);
  await client.ask(hidden);
  demand((await arena.count('ledger')) === before, 'a hidden statement ran');
}

async function unknownNumbers(arena: Arena): Promise<void> {
  using client = await arena.masked();
  for (const oid of [0, 1, 16383, 0x7fff_ffff, 0xffff_ffff]) await refuses(client, oid);
  demandRows(await client.ask('SELECT 1'), [['1']]);
}

async function newName(arena: Arena): Promise<void> {
  await arena.server("CREATE FUNCTION calm() RETURNS text LANGUAGE sql AS 'SELECT $$ran$$::text'");
  await arena.server('ALTER FUNCTION calm() OWNER TO gateway');
  const oid = await oidOf(arena, 'calm()');
  using client = await arena.clear();
  client.send(call(oid));
  demand(valuesOf(await client.ready())[0] === 'ran', 'a permitted call did not run');
  await arena.server('ALTER FUNCTION calm() RENAME TO danger');
  await refuses(client, oid);
  await arena.server('ALTER FUNCTION danger() RENAME TO calm');
  client.send(encodeQuery('ALTER FUNCTION calm() RENAME TO danger'), call(oid));
  const messages = await client.ready(2);
  demandError(answerOf(messages), '42501');
  demand(valuesOf(messages).length === 0, 'it ran under its new name');
  client.send(...extended('ALTER FUNCTION danger() RENAME TO calm'), call(oid), flush, sync);
  demand(valuesOf(await client.ready(2)).length === 0, 'it ran before its new name was committed');
  await arena.server('DROP FUNCTION IF EXISTS danger(), calm()');
  await refuses(client, oid);
}

async function maskedWhileHeld(arena: Arena): Promise<void> {
  await arena.setPolicy(clearPolicy);
  using client = await arena.masked();
  client.send(call(await oidOf(arena, 'reveal()')));
  const [held] = await arena.held();
  demand(held?.statement === 'SELECT "public"."reveal"()', 'another statement is held');
  await arena.setPolicy(maskingPolicy);
  await arena.answer(held.id, 'approve');
  demandError(answerOf(await client.ready()), '42501');
}

async function cancelledWhileHeld(arena: Arena): Promise<void> {
  await arena.setPolicy(clearPolicy);
  try {
    const client = await arena.clear();
    client.send(call(await oidOf(arena, 'reveal()')), encodeQuery('SELECT 1'));
    const [held] = await arena.held();
    client[Symbol.dispose]();
    await eventually('the hold is withdrawn', async () => (await arena.holds()).length === 0);
    demand((await arena.answer(held?.id ?? '', 'approve')) === 'refused', 'it was approved');
  } finally {
    await arena.setPolicy(maskingPolicy);
  }
}

async function inPipeline(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const oid = await oidOf(arena, 'reveal()');
  client.send(...extended('SELECT 1'), call(oid), encodeQuery(secret), ...extended(secret), sync);
  const answer = answerOf(await client.ready(3));
  demand(answer.rows.length === 101, `${answer.rows.length} rows came`);
  client.send(call(oid), call(oid), encodeQuery('SELECT 2'), call(oid), encodeQuery('SELECT 3'));
  const later = answerOf(await client.ready(5));
  demand(later.rows.map(([value]) => value).join() === '2,3', 'answers were mistaken');
}

async function whileSkipping(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const oid = await oidOf(arena, 'reveal()');
  client.send(parse('', 'no sql'), call(oid), flush);
  await client.until(isError);
  client.send(call(oid), call(oid), sync);
  demand((await client.ready()).length === 1, 'what is skipped was answered');
  client.send(encodeQuery(secret), call(oid), encodeQuery('SELECT 1'));
  demand(answerOf(await client.ready(3)).rows.length === 51, 'answers were mistaken');
}

async function duringCopy(arena: Arena): Promise<void> {
  using client = await arena.clear();
  client.query('COPY scratch FROM STDIN');
  await client.until(({ type }) => type === 0x47);
  client.send(call(await oidOf(arena, 'fill_ledger()')));
  demandError(answerOf(await client.ended()), '08P01');
  client.send(encodeQuery('SELECT 1'));
  using other = await arena.clear();
  other.send(encodeQuery('COPY scratch FROM STDIN'), call(await oidOf(arena, 'fill_ledger()')));
  await other.ended();
  demand((await arena.count('ledger')) === 0, 'a call ran');
}

async function denied(arena: Arena): Promise<void> {
  using client = await arena.clear();
  const before = await arena.count('drop_box');
  await client.ask('BEGIN');
  await client.ask("INSERT INTO drop_box (t) VALUES ('undone')");
  await refuses(client, await oidOf(arena, 'fill_ledger()'));
  demandError(await client.ask('SELECT 1'), '25P02');
  client.send(call(await oidOf(arena, 'reverse(text)'), 'x'));
  demandError(answerOf(await client.ready()), '25P02');
  await client.ask('COMMIT');
  demand((await arena.count('drop_box')) === before, 'a failed transaction was committed');
  demand((await arena.count('ledger')) === 0, 'a denied function ran');
}

async function malformed(arena: Arena): Promise<void> {
  using bystander = await arena.masked();
  const bodies = [
    '',
    '\0\0\x08',
    '\0\0\x08\x1e\0\0\xff\xff\0\0',
    '\0\0\x08\x1e\xff\xff\0\0\0\0',
    '\0\0\x08\x1e\0\0\0\x01\x7f\xff\xff\xff\0\0',
    '\0\0\x08\x1e\0\0\0\x01\xff\xff\xff\xfe\0\0',
    '\0\0\x08\x1e\0\x01\0\x02\0\0\0\0',
    '\0\0\x08\x1e\0\0\0\0\0\x02',
    '\0\0\x08\x1e\0\0\0\0\0\0Q',
  ];
  for (const body of bodies) {
    using client = await arena.masked();
    client.send(typed(0x46, Buffer.from(body, 'latin1')), encodeQuery('SELECT 1'));
    const answer = answerOf(await client.ended());
    demandError(answer, '08P01');
    demand(answer.rows.length === 0, 'the session went on');
  }
  demandRows(await bystander.ask('SELECT 1'), [['1']]);
}

async function many(arena: Arena): Promise<void> {
  using client = await arena.clear();
  const oid = await oidOf(arena, 'reverse(text)');
  const frames = Array.from({ length: 2000 }, (_, at) => call(oid, `${at + 10_000}`));
  client.send(...frames);
  const values = valuesOf(await client.ready(2000));
  const expected = frames.map((_, at) =>
    Array.from(`${at + 10_000}`)
      .reverse()
      .join(''),
  );
  demand(values.join() === expected.join(), 'values were mistaken');
}

export const callAttacks: readonly Attack[] = [
  attack('calls', 'files of the server', filesOfServer),
  attack('calls', 'functions that read masked columns', readersUnderMasks),
  attack('calls', 'functions that change settings', settings),
  attack('calls', 'numbers of nothing', unknownNumbers),
  attack('calls', 'a number whose function has a new name', newName),
  attack('calls', 'masks that come while it is held', maskedWhileHeld),
  attack('calls', 'a client that leaves while it is held', cancelledWhileHeld),
  attack('calls', 'inside a pipeline', inPipeline),
  attack('calls', 'between an error and Sync', whileSkipping),
  attack('calls', 'during COPY', duringCopy),
  attack('calls', 'denied in a transaction', denied),
  attack('calls', 'malformed', malformed),
  attack('calls', 'two thousand at once', many),
];

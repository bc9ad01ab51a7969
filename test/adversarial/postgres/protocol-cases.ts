// Attacks on the order of messages: what is judged and what the server runs must stay the same thing.

import { encodeBodyless, encodeClose, encodeCopyData, encodeQuery, frontend } from './frames.ts';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack, demand, demandError, demandRows } from './attack.ts';
import {
  answerOf,
  bind,
  describePortal,
  describeStatement,
  execute,
  extended,
  flush,
  parse,
  sync,
} from './raw-client.ts';
import { maskingPolicy, clearPolicy } from './arena.ts';

const secret = 'SELECT email FROM users';
const isError = ({ type }: { readonly type: number }): boolean => type === 0x45;

async function afterError(arena: Arena): Promise<void> {
  using client = await arena.masked();
  // The server ignores everything up to Sync; whoever counts it as asked gives its permission to the next.
  client.send(parse('', 'no sql'), flush);
  await client.until(isError);
  client.send(encodeQuery('SELECT 1'), encodeQuery('SELECT 2'), sync);
  await client.ready();
  client.query(secret);
  await client.until(({ type }) => type === 0x5a || type === 0x44);
  client.send(encodeQuery('SELECT 3'));
  await client.until(({ type }) => type === 0x5a);
}

async function afterErrorExtended(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(parse('', 'no sql'), flush);
  await client.until(isError);
  client.send(...extended('SELECT 1'), ...extended('SELECT 2'), encodeQuery('SELECT 3'), sync);
  await client.ready();
  const answer = await client.ask('SELECT 4');
  demandRows(answer, [['4']]);
  demandRows(await client.execute('SELECT 5'), [['5']]);
}

async function deniedInPipeline(arena: Arena): Promise<void> {
  const before = await arena.count('drop_box');
  using client = await arena.masked();
  client.send(
    ...extended("INSERT INTO drop_box (t) VALUES ('undone')"),
    ...extended("INSERT INTO ledger (entry) VALUES ('never')"),
    ...extended("INSERT INTO drop_box (t) VALUES ('skipped')"),
    sync,
  );
  demandError(answerOf(await client.ready()), '42501');
  demand((await arena.count('drop_box')) === before, 'the pipeline was not undone');
  demand((await arena.count('ledger')) === 0, 'a denied statement ran');
}

async function deniedInTransaction(arena: Arena): Promise<void> {
  const before = await arena.count('drop_box');
  using client = await arena.masked();
  await client.ask('BEGIN');
  await client.ask("INSERT INTO drop_box (t) VALUES ('undone')");
  const denied = await client.ask('SELECT * FROM ledger');
  demand(denied.status === 'failed', 'the transaction did not fail');
  demandError(await client.ask('SELECT 1'), '25P02');
  const commit = await client.ask('COMMIT');
  demand(commit.status === 'idle', 'the transaction did not end');
  demand((await arena.count('drop_box')) === before, 'a failed transaction was committed');
}

async function parseOverName(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(parse('s', 'SELECT 1'), sync);
  await client.ready();
  client.send(parse('s', secret), bind('', 's'), execute(''), sync);
  demandError(answerOf(await client.ready()), '42P05');
  client.send(bind('', 's'), execute(''), sync);
  demandRows(answerOf(await client.ready()), [['1']]);
}

async function failedParseThenBind(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(parse('', "INSERT INTO drop_box (t) VALUES ('old')"), sync);
  await client.ready();
  const before = await arena.count('drop_box');
  client.send(parse('', 'SELECT * FROM ledger'), bind('', ''), execute(''), sync);
  demandError(answerOf(await client.ready()), '42501');
  client.send(bind('', ''), execute(''), sync);
  demandError(answerOf(await client.ready()), '26000');
  demand((await arena.count('drop_box')) === before, 'an older statement ran');
}

async function reboundPortal(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(parse('harmless', 'SELECT name FROM users'), parse('secret', secret), sync);
  await client.ready();
  client.send(bind('p', 'harmless'), bind('p', 'secret'), execute('p'), sync);
  await client.ready();
  client.send(bind('', 'harmless'), bind('', 'secret'), execute(''), sync);
  await client.ready();
  client.send(bind('p', 'harmless'), encodeClose({ kind: 'portal', name: 'p' }));
  client.send(bind('p', 'secret'), execute('p'), sync);
  await client.ready();
}

async function suspended(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(encodeQuery('BEGIN'), parse('s', 'SELECT id, email, salary FROM users ORDER BY id'));
  client.send(bind('p', 's'), describePortal('p'), execute('p', 1), execute('p', 1), flush);
  client.send(execute('p', 2), execute('p', 3), describePortal('p'), execute('p'), sync);
  const answer = answerOf(await client.ready(2));
  demand(answer.rows.length === 50, `${answer.rows.length} rows came`);
  demand(
    answer.rows.every((row) => row[1] === '***' && row[2] === null),
    'rows are not masked',
  );
}

async function suspendedBinary(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(encodeQuery('BEGIN'), parse('s', 'SELECT email, salary FROM users'));
  client.send(bind('p', 's', true), execute('p', 1), execute('p', 1), sync, execute('p'), sync);
  const answer = answerOf(await client.ready(3));
  demand(answer.rows.length === 50, `${answer.rows.length} rows came`);
}

async function protocolPortalBySql(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(encodeQuery('BEGIN'), parse('', secret), bind('p', ''), flush);
  client.send(encodeQuery('FETCH ALL FROM p'));
  client.send(encodeQuery('MOVE 1 FROM p'), encodeQuery('ROLLBACK'));
  await client.ready(4);
}

async function cursorBeforePolicy(arena: Arena): Promise<void> {
  await arena.setPolicy(clearPolicy);
  using client = await arena.masked();
  try {
    client.send(parse('', 'SELECT 1'), bind('x', ''), sync);
    await client.ready();
    await client.ask(`DECLARE x CURSOR WITH HOLD FOR ${secret}`);
    await client.ask(`DECLARE "sallyport:y" CURSOR WITH HOLD FOR ${secret}`);
    await client.ask(`DECLARE "sallyport:" CURSOR WITH HOLD FOR ${secret}`);
    client.forget();
  } finally {
    await arena.setPolicy(maskingPolicy);
  }
  for (const portal of ['x', 'y', '']) {
    client.send(execute(portal, 2), sync);
    await client.until(({ type }) => type === 0x5a);
    if (client.closed) return;
  }
  await client.ask('FETCH 2 FROM x');
}

async function portalBeforePolicy(arena: Arena): Promise<void> {
  await arena.setPolicy(clearPolicy);
  using client = await arena.masked();
  try {
    client.send(encodeQuery('BEGIN'), parse('s', secret), bind('p', 's'), describePortal('p'));
    client.send(execute('p', 1), describeStatement('s'), sync);
    await client.ready(2);
    client.forget();
  } finally {
    await arena.setPolicy(maskingPolicy);
  }
  client.send(execute('p', 1), bind('q', 's'), execute('q'), sync);
  const answer = answerOf(await client.ready());
  demand(
    answer.rows.every((row) => row[0] === '***'),
    'rows are not masked',
  );
}

async function staleDescription(arena: Arena): Promise<void> {
  await arena.server('CREATE TABLE other.things (id int, email text)');
  using client = await arena.masked();
  await client.ask('SET search_path = public, other');
  client.send(parse('s', 'SELECT email FROM users'), describeStatement('s'), sync);
  await client.ready();
  await client.ask('SET search_path = other, public');
  client.send(bind('', 's'), execute(''), sync);
  await client.ready();
  await client.ask('SET search_path = public');
  client.send(bind('', 's'), execute(''), sync);
  await client.ready();
  await arena.server('DROP TABLE other.things');
}

async function queryDuringCopy(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.query('COPY scratch FROM STDIN');
  await client.until(({ type }) => type === 0x47);
  client.send(encodeQuery(secret), encodeQuery("INSERT INTO ledger (entry) VALUES ('copied')"));
  await client.ended();
  demand((await arena.count('ledger')) === 0, 'a denied statement ran');
}

async function copyBehindQuery(arena: Arena): Promise<void> {
  using client = await arena.masked();
  await arena.server('TRUNCATE scratch');
  client.send(encodeQuery('SELECT pg_sleep(0.1)'), encodeQuery('COPY scratch FROM STDIN'));
  client.send(encodeCopyData(Buffer.from('1\tone\n')), encodeCopyData(Buffer.from('2\ttwo\n')));
  client.send(encodeBodyless(frontend.copyDone), encodeQuery('SELECT count(*) FROM scratch'));
  const answer = answerOf(await client.ready(3));
  demand(answer.errors.length === 0, `no error was due, not ${answer.errors.join()}`);
  demand(answer.rows.at(-1)?.[0] === '2', 'copied rows were lost');
}

async function copyExtended(arena: Arena): Promise<void> {
  using client = await arena.masked();
  await arena.server('TRUNCATE scratch');
  client.send(...extended('COPY scratch FROM STDIN'), sync);
  await client.until(({ type }) => type === 0x47);
  client.send(encodeCopyData(Buffer.from('1\tone\nnonsense\n')));
  client.send(encodeBodyless(frontend.copyDone), sync);
  demandError(answerOf(await client.ready()), '22P02', '22P04');
  demandRows(await client.ask('SELECT count(*) FROM scratch'), [['0']]);
}

async function strayCopy(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(encodeCopyData(Buffer.from('stray')), encodeBodyless(frontend.copyDone));
  demandRows(await client.ask('SELECT 1'), [['1']]);
}

async function manyStatements(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const text = Array.from({ length: 999 }, (_, index) => `SELECT ${index}`).join(';');
  const before = await arena.count('ledger');
  demandError(await client.ask(`${text};INSERT INTO ledger (entry) VALUES ('last')`), '42501');
  demandRows(await client.ask('SELECT 1'), [['1']]);
  const masked = await client.ask(`${text};${secret}`);
  demand(masked.rows.length === 999 + 50, `${masked.rows.length} rows came`);
  demand((await arena.count('ledger')) === before, 'a denied statement ran');
}

async function settingsInPipeline(arena: Arena): Promise<void> {
  using client = await arena.clear();
  const before = await arena.count('ledger');
  const hidden = "SELECT '\\'; INSERT INTO ledger (entry) VALUES ($$hidden$$); --'";
  client.send(encodeQuery('SELECT relax()'), encodeQuery(hidden));
  await client.ready(2);
  await client.ask(hidden);
  client.send(...extended('SELECT relax()'), flush);
  await client.until(({ type }) => type === 0x43);
  client.send(...extended("SELECT '\\', length('x')"), sync);
  await client.ready();
  demandError(await client.ask('SELECT relax(); SET standard_conforming_strings = on; SELECT 1/0'));
  await client.ask(hidden);
  demand((await arena.count('ledger')) === before, 'a hidden statement ran');
}

async function computedSetting(arena: Arena): Promise<void> {
  using client = await arena.masked();
  demandError(
    await client.ask("SELECT set_config('standard_' || 'conforming_strings', 'off', false)"),
  );
  demandError(
    await client.ask(
      "SELECT set_config(name, 'off', false) FROM (VALUES ('client_encoding')) v(name)",
    ),
  );
  demandError(
    await client.ask('SET standard_conforming_strings = off; SELECT 1'),
    '0A000',
    '42501',
  );
  demandError(await client.ask("SET client_encoding = 'GBK'"), '0A000', '42501');
}

async function deferredError(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(...extended("UPDATE users SET name = 'late' WHERE id = 1"), sync);
  await client.ready();
  await client.ask('BEGIN');
  client.send(
    ...extended("UPDATE users SET name = 'late' WHERE id = 1"),
    ...extended('COMMIT'),
    sync,
  );
  await client.ready();
}

const reserved = (arena: Arena): Promise<void> =>
  Promise.all(
    [
      parse('sallyport:x', 'SELECT 1'),
      bind('sallyport:', ''),
      execute('sallyport:'),
      describePortal('sallyport:'),
    ].map(async (frame) => {
      const client = await arena.masked();
      client.send(frame, sync);
      await client.ended();
    }),
  ).then(() => undefined);

async function otherSessions(arena: Arena): Promise<void> {
  using bystander = await arena.masked();
  using client = await arena.masked();
  client.send(Buffer.from([0x00, 0xff, 0xff, 0xff, 0xff]));
  await client.ended();
  demandRows(await bystander.ask('SELECT 1'), [['1']]);
}

async function asynchronousClose(arena: Arena): Promise<void> {
  using client = await arena.masked();
  await client.ask('BEGIN');
  client.send(parse('', 'SELECT 1'), bind('c', ''), sync);
  await client.ready();
  await client.ask('CLOSE c');
  client.send(execute('c'), sync);
  demandError(answerOf(await client.ready()), '34000');
}

export const protocolAttacks: readonly Attack[] = [
  attack('order', 'queries between an error and Sync', afterError),
  attack('order', 'messages between an error and Sync', afterErrorExtended),
  attack('order', 'a denied statement in a pipeline', deniedInPipeline),
  attack('order', 'a denied statement in a transaction', deniedInTransaction),
  attack('names', 'Parse over an existing name', parseOverName),
  attack('names', 'Bind by a name whose Parse failed', failedParseThenBind),
  attack('names', 'Bind over a portal', reboundPortal),
  attack('names', 'reserved names', reserved),
  attack('names', 'a portal closed by SQL', asynchronousClose),
  attack('portals', 'suspension', suspended),
  attack('portals', 'suspension, binary, across Sync', suspendedBinary),
  attack('portals', 'FETCH of a portal', protocolPortalBySql),
  attack('portals', 'a cursor older than the policy', cursorBeforePolicy),
  attack('portals', 'a portal older than the policy', portalBeforePolicy),
  attack('portals', 'a stale description', staleDescription),
  attack('copy', 'a query during COPY', queryDuringCopy),
  attack('copy', 'COPY behind a slow query', copyBehindQuery),
  attack('copy', 'an error in the extended protocol', copyExtended),
  attack('copy', 'copy data without COPY', strayCopy),
  attack('messages', 'a thousand statements', manyStatements),
  attack('settings', 'settings changed in a pipeline', settingsInPipeline),
  attack('settings', 'computed names', computedSetting),
  attack('channels', 'what a deferred trigger says at Sync', deferredError),
  attack('messages', 'garbage in one session', otherSessions),
];

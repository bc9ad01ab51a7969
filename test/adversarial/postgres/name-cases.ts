// Names of statements and portals that come to stand for something else than the gateway thinks.

import { encodeClose, encodeQuery } from '../../../hosts/postgres/wire/index.ts';
import type { Arena } from './arena.ts';
import { clearPolicy, maskingPolicy } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack, demand, demandError } from './attack.ts';
import type { RawClient } from './raw-client.ts';
import { answerOf, bind, execute, parse, sync } from './raw-client.ts';

const secret = 'SELECT email FROM users LIMIT 2';
const harmless = "SELECT 'x'::text";
const masked = [['***'], ['***']];

const same = (found: unknown, expected: unknown): void => {
  demand(JSON.stringify(found) === JSON.stringify(expected), `there came ${JSON.stringify(found)}`);
};

async function failedBeforeSync(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(parse('x', secret), sync);
  await client.ready();
  client.send(parse('x', harmless), sync, bind('', 'x'), execute(''), sync);
  same(answerOf(await client.ready(2)).rows, masked);
}

async function skippedBeforeSync(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(parse('', secret), sync);
  await client.ready();
  client.send(bind('', 'none'), parse('', harmless), sync, bind('', ''), execute(''), sync);
  same(answerOf(await client.ready(2)).rows, masked);
}

async function skippedPortal(arena: Arena): Promise<void> {
  using client = await arena.masked();
  await client.ask('BEGIN');
  client.send(parse('s', secret), parse('h', harmless), bind('p', 's'), sync);
  await client.ready();
  client.send(bind('p', 'h'), sync, execute('p'), sync);
  await client.ready(2);
}

async function longNames(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const long = 'a'.repeat(63);
  client.send(parse(`${long}x`, harmless), sync);
  client.send(encodeClose({ kind: 'statement', name: `${long}y` }), sync);
  await client.ready(2);
  client.send(parse(`${long}y`, secret), sync, bind('', `${long}x`), execute(''), sync);
  same(answerOf(await client.ready(2)).rows, masked);
}

/** All that the client is given by a text, which is refused or masked; `null` stands for NULL. */
async function fetched(client: RawClient, text: string): Promise<readonly unknown[]> {
  const { rows, errors } = await client.ask(text);
  return [...rows.flat(), ...errors];
}

/** Both of a name's meanings, in one chunk: what is run must be judged by the one that it has then. */
async function preparedAnew(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const texts = [
    `PREPARE x AS ${harmless}`,
    'DEALLOCATE x',
    `PREPARE x AS ${secret}`,
    'EXECUTE x',
    `PREPARE x AS ${harmless}`,
    'EXECUTE x',
  ];
  client.send(...texts.map((text) => encodeQuery(text)));
  same(answerOf(await client.ready(texts.length)).rows, [...masked, ...masked]);
}

async function runAnew(arena: Arena): Promise<void> {
  using client = await arena.masked();
  await client.ask(`PREPARE x AS ${harmless}`);
  const anew = [encodeQuery('DEALLOCATE x'), encodeQuery(`PREPARE x AS ${secret}`)];
  client.send(parse('s', 'EXECUTE x'), ...anew, bind('', 's'), execute(''), sync);
  same(answerOf(await client.ready(3)).rows, masked);
  await client.ask('DEALLOCATE x');
  await client.ask(`PREPARE x AS ${harmless}`);
  await client.ask('BEGIN');
  client.send(parse('', 'EXECUTE x'), bind('p', ''), sync);
  await client.ready();
  client.send(...anew, execute('p'), sync);
  demandError(answerOf(await client.ready(3)), '0A000', '25P02');
}

async function suspendedFetch(arena: Arena): Promise<void> {
  using client = await arena.masked();
  await client.ask('BEGIN');
  await client.ask(`DECLARE c CURSOR FOR ${secret}`);
  client.send(parse('', 'FETCH ALL FROM c'), bind('p', ''), execute('p', 1), sync);
  same(answerOf(await client.ready()).rows, masked.slice(1));
  await client.ask('CLOSE c');
  await client.ask(`DECLARE c CURSOR FOR ${harmless}`);
  client.send(execute('p', 1), sync);
  demandError(answerOf(await client.ready()), '0A000');
}

async function portalForCursor(arena: Arena): Promise<void> {
  using client = await arena.masked();
  await client.ask('BEGIN');
  client.send(parse('', harmless), bind('p', ''), sync);
  await client.ready();
  client.send(encodeQuery('CLOSE p'), encodeQuery(`DECLARE p CURSOR FOR ${secret}`));
  client.send(execute('p'), sync);
  demandError(answerOf(await client.ready(3)), '34000');
  await client.ask('ROLLBACK');
  await client.ask(`DECLARE p CURSOR WITH HOLD FOR ${secret}`);
  client.send(parse('', harmless), bind('p', ''), sync, encodeQuery('FETCH ALL FROM p'));
  await client.ready(2);
}

async function bothProtocols(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(parse('y', secret), sync, encodeQuery('EXECUTE y'));
  same(answerOf(await client.ready(2)).rows, masked);
  await client.ask(`PREPARE z AS ${secret}`);
  client.send(bind('', 'z'), execute(''), sync);
  same(answerOf(await client.ready()).rows, masked);
  client.send(
    parse('z', harmless),
    sync,
    encodeQuery('EXECUTE z'),
    bind('', 'z'),
    execute(''),
    sync,
  );
  same(answerOf(await client.ready(3)).rows, [...masked, ...masked]);
  client.send(bind('', 'none'), parse('v', harmless), sync, encodeQuery('EXECUTE v'));
  await client.ready(2);
}

async function spelling(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const long = 'n'.repeat(63);
  await client.ask(`PREPARE "Z" AS ${harmless}`);
  await client.ask(`PREPARE Z AS ${secret}`);
  same(await fetched(client, 'EXECUTE z'), masked.flat());
  same(await fetched(client, 'EXECUTE "z"'), masked.flat());
  same(await fetched(client, 'EXECUTE "Z"'), ['x']);
  await client.ask(`PREPARE ${long}a AS ${secret}`);
  same(await fetched(client, `EXECUTE ${long}b`), masked.flat());
  client.send(bind('', `${long}c`), execute(''), sync);
  same(answerOf(await client.ready()).rows, masked);
}

async function rolledBack(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const begin = async (one: string, other: string): Promise<readonly unknown[]> => {
    await client.ask('BEGIN');
    await client.ask(`DECLARE c CURSOR FOR ${one}`);
    await client.ask('SAVEPOINT s');
    await client.ask('CLOSE c');
    await client.ask(`DECLARE c CURSOR FOR ${other}`);
    await client.ask('ROLLBACK TO s');
    const rows = await fetched(client, 'FETCH ALL FROM c');
    await client.ask('ROLLBACK');
    return rows;
  };
  same(await begin(secret, harmless), ['34000']);
  same(await begin(harmless, secret), ['34000']);
  await client.ask('BEGIN');
  await client.ask(`DECLARE c CURSOR FOR ${secret}`);
  await client.ask('SAVEPOINT s');
  demandError(await client.ask(`DECLARE c CURSOR FOR ${harmless}`), '42P03');
  await client.ask('ROLLBACK TO s');
  same(await fetched(client, 'FETCH ALL FROM c'), masked.flat());
  await client.ask(`ROLLBACK; DECLARE c CURSOR WITH HOLD FOR ${harmless}; SELECT 1/0`);
  await fetched(client, 'FETCH ALL FROM c');
}

async function beforePolicy(arena: Arena): Promise<void> {
  await arena.setPolicy(clearPolicy);
  using client = await arena.masked();
  using doubtful = await arena.masked();
  try {
    await doubtful.ask(`PREPARE x AS ${harmless}`);
    await doubtful.ask(
      `DO $$ BEGIN EXECUTE 'DEALLOCATE x'; EXECUTE 'PREPARE x AS ${secret}'; END $$`,
    );
    await client.ask(`PREPARE x AS ${secret}`);
    await client.ask(`DECLARE h CURSOR WITH HOLD FOR ${secret}`);
    await client.ask('DECLARE d CURSOR WITH HOLD FOR SELECT lower(email) FROM users');
  } finally {
    await arena.setPolicy(maskingPolicy);
  }
  same(await fetched(client, 'EXECUTE x'), masked.flat());
  same(await fetched(client, 'FETCH ALL FROM h'), masked.flat());
  same(await fetched(client, 'FETCH ALL FROM d'), ['42501']);
  demandError(await doubtful.ask('EXECUTE x'), '42501');
}

async function kept(arena: Arena): Promise<void> {
  using client = await arena.masked();
  await client.ask(`PREPARE x AS ${secret}`);
  for (const text of [
    'CREATE TEMP TABLE loot AS EXECUTE x',
    'CREATE TABLE loot AS EXECUTE x',
    'EXPLAIN ANALYZE EXECUTE x',
    'EXPLAIN ANALYZE CREATE TABLE loot AS EXECUTE x',
    'PREPARE y AS SELECT id FROM users WHERE email = $1',
    'DECLARE y CURSOR FOR SELECT id FROM users ORDER BY email',
    'DECLARE y CURSOR WITH HOLD FOR SELECT lower(email) FROM users',
    'EXECUTE x(shout_users())',
  ]) {
    demandError(await client.ask(text), '42501');
  }
}

async function changedMeanwhile(arena: Arena): Promise<void> {
  await arena.server('CREATE VIEW shifting AS SELECT id, name FROM users LIMIT 2');
  await arena.server('GRANT SELECT ON shifting TO gateway');
  using client = await arena.masked();
  try {
    await client.ask('PREPARE x AS SELECT name FROM shifting');
    await client.ask('DECLARE h CURSOR WITH HOLD FOR SELECT name FROM shifting');
    await arena.server('DROP VIEW shifting');
    await arena.server('CREATE VIEW shifting AS SELECT id, email AS name FROM users LIMIT 2');
    await arena.server('GRANT SELECT ON shifting TO gateway');
    same(await fetched(client, 'EXECUTE x'), masked.flat());
    await client.ask('DECLARE h CURSOR WITH HOLD FOR SELECT name FROM shifting');
    await client.ask('CLOSE h');
    await client.ask('DECLARE h CURSOR WITH HOLD FOR SELECT name FROM shifting');
    same(await fetched(client, 'FETCH ALL FROM h'), masked.flat());
  } finally {
    await arena.server('DROP VIEW IF EXISTS shifting');
  }
}

export const nameAttacks: readonly Attack[] = [
  attack('names', 'a Parse that fails before a Sync', failedBeforeSync),
  attack('names', 'a Parse that is skipped before a Sync', skippedBeforeSync),
  attack('names', 'a Bind that fails before a Sync', skippedPortal),
  attack('names', 'names longer than the server keeps', longNames),
  attack('names', 'PREPARE of a name anew', preparedAnew),
  attack('names', 'EXECUTE parsed and bound before its name is given anew', runAnew),
  attack('names', 'FETCH suspended while its cursor is declared anew', suspendedFetch),
  attack('names', "a cursor under a portal's name", portalForCursor),
  attack('names', 'PREPARE and Parse of the same names', bothProtocols),
  attack('names', 'case, quotes and length of names in SQL', spelling),
  attack('names', 'cursors and savepoints', rolledBack),
  attack('names', 'names older than the policy', beforePolicy),
  attack('names', 'what keeps or computes what EXECUTE reads', kept),
  attack('names', 'a view replaced under its names', changedMeanwhile),
];

// Names of statements and portals that come to stand for something else than the gateway thinks.

import { encodeClose } from '../../../hosts/postgres/wire/index.ts';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack, demand } from './attack.ts';
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

export const nameAttacks: readonly Attack[] = [
  attack('names', 'a Parse that fails before a Sync', failedBeforeSync),
  attack('names', 'a Parse that is skipped before a Sync', skippedBeforeSync),
  attack('names', 'a Bind that fails before a Sync', skippedPortal),
  attack('names', 'names longer than the server keeps', longNames),
];

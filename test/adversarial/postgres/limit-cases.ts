// Attacks on memory and on bounds: large, many, slow, malformed.

import { readFile } from 'node:fs/promises';

import { eventually } from '../../support/eventually.ts';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack, demand, demandError, demandRows } from './attack.ts';
import { encodeQuery, typed } from './frames.ts';
import { RawClient, answerOf, bind, execute, extended, parse, sync } from './raw-client.ts';

const megabyte = 1024 * 1024;

async function residentBytes(arena: Arena): Promise<number> {
  const status = await readFile(`/proc/${arena.gateway.process.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Sends frames in a session of its own: it may end, with a word of why, and nobody else notices. */
async function survives(arena: Arena, ...frames: readonly Uint8Array[]): Promise<void> {
  using bystander = await arena.masked();
  using client = await arena.masked();
  client.send(...frames);
  client.send(encodeQuery('SELECT 1'));
  await client.until(({ type }) => type === 0x5a || type === 0x45);
  demandRows(await bystander.ask('SELECT 1'), [['1']]);
}

async function refusesTexts(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const wide = `SELECT '${'x'.repeat(300 * 1024)}'`;
  demandError(await client.ask(wide), '54000');
  demandError(await client.execute(wide), '54000');
  demandError(await client.ask(`SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`), '54000');
  demandError(await client.ask(`SELECT 1${'+1'.repeat(60_000)}`), '54000');
  demandRows(await client.ask('SELECT 1'), [['1']]);
}

async function refusesBytes(arena: Arena): Promise<void> {
  await survives(arena, typed(0x51, Buffer.from("SELECT 'a\0b'\0")));
  await survives(arena, typed(0x51, Buffer.from([0x53, 0xc3, 0x28, 0])));
  await survives(arena, typed(0x51, Buffer.from("SELECT 'no end'")));
  await survives(arena, typed(0x51, Buffer.alloc(0), 3));
  await survives(arena, typed(0x51, Buffer.alloc(0), -1));
  await survives(arena, typed(0x51, Buffer.alloc(0), 0x7fff_ffff));
  await survives(arena, typed(0x42, Buffer.from([0, 0, 0xff, 0xff])));
  await survives(arena, typed(0x50, Buffer.from('\0SELECT 1\0\xff\xff', 'latin1')));
  await survives(arena, typed(0x70, Buffer.from('again\0')));
  await survives(arena, typed(0x58, Buffer.from('not empty')));
  await survives(arena, typed(0x44, Buffer.from('Xname\0')));
}

async function manyNames(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const before = await residentBytes(arena);
  const padding = 'x'.repeat(2000);
  for (let batch = 0; batch < 24; batch += 1) {
    const names = Array.from({ length: 500 }, (_, at) =>
      parse(`s${batch * 500 + at}`, `SELECT ${at} /* ${padding} */`),
    );
    client.send(...names, sync);
    await client.ready();
  }
  client.send(bind('', 's11999'), execute(''), sync);
  demandRows(answerOf(await client.ready()), [['499']]);
  const grown = (await residentBytes(arena)) - before;
  demand(grown < 300 * megabyte, `the gateway grew by ${Math.round(grown / megabyte)} MB`);
}

async function manyMessages(arena: Arena): Promise<void> {
  using client = await arena.masked();
  await client.ask('BEGIN');
  const pairs = Array.from({ length: 60_000 }, () => [bind('', 's'), execute('')]).flat();
  client.send(parse('s', 'SELECT 1'), ...pairs, sync);
  const messages = await client.ready();
  demand(messages.length >= 180_000, `${messages.length} answers came`);
}

async function slowReader(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const before = await residentBytes(arena);
  client.socket.pause();
  client.query("SELECT i, repeat('x', 200), email FROM generate_series(1, 20000) i, users");
  using other = await arena.masked();
  for (let round = 0; round < 20; round += 1) await other.ask('SELECT pg_sleep(0.05)');
  const grown = (await residentBytes(arena)) - before;
  demand(grown < 100 * megabyte, `the gateway grew by ${Math.round(grown / megabyte)} MB`);
}

async function largeValue(arena: Arena): Promise<void> {
  using client = await arena.clear();
  const before = await residentBytes(arena);
  client.query("SELECT repeat('x', 100000000)");
  const messages = await client.ready();
  const row = messages.find(({ type }) => type === 0x44);
  demand(row?.frame.length === 100_000_000 + 11, 'the value did not come whole');
  const grown = (await residentBytes(arena)) - before;
  demand(grown < 150 * megabyte, `the gateway grew by ${Math.round(grown / megabyte)} MB`);
}

async function largeMaskedValue(arena: Arena): Promise<void> {
  await arena.server("INSERT INTO people VALUES (9, repeat('kanarienvogel', 2000000))");
  try {
    using client = await arena.masked();
    client.query('SELECT email FROM people WHERE id = 9');
    await client.until(({ type }) => type === 0x5a || type === 0x45);
  } finally {
    await arena.server('DELETE FROM people WHERE id = 9');
  }
}

async function abandonedResult(arena: Arena): Promise<void> {
  const client = await arena.clear();
  client.query(
    'SELECT repeat($$x$$, 1000), pg_sleep(0.001) FROM generate_series(1, 1000000) /* abandoned */',
  );
  await client.until(({ type }) => type === 0x54);
  client[Symbol.dispose]();
  await eventually('the server stops', async () => {
    const rows = await arena.server(
      "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%abandoned */' AND state = 'active'",
    );
    return rows.length === 0;
  });
}

async function endedByServer(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const [[pid] = []] = (await client.ask('SELECT pg_backend_pid()')).rows;
  await arena.server(`SELECT pg_terminate_backend(${pid ?? 0})`);
  demandError(answerOf(await client.ended()), '57P01', '08006');
}

async function manySessionsBreak(arena: Arena): Promise<void> {
  const clients = await Promise.all(Array.from({ length: 20 }, () => arena.clear()));
  for (const client of clients) {
    client.send(...extended('SELECT pg_sleep(0.2)'), sync);
    client.socket.resetAndDestroy();
  }
  using client = await arena.masked();
  demandRows(await client.ask('SELECT 1'), [['1']]);
}

async function silentLogin(arena: Arena): Promise<void> {
  using silent = await RawClient.open(arena.gateway.port);
  silent.send(Buffer.from([0, 0]));
  using client = await arena.masked();
  demandRows(await client.ask('SELECT 1'), [['1']]);
}

export const limitAttacks: readonly Attack[] = [
  attack('bounds', 'texts too long or too deep', refusesTexts),
  attack('bounds', 'malformed messages', refusesBytes),
  attack('bounds', 'a login that stalls', silentLogin),
  attack('memory', 'thousands of prepared statements', manyNames),
  attack('memory', 'a hundred thousand messages at once', manyMessages),
  attack('memory', 'a slow reader of a million rows', slowReader),
  attack('memory', 'a value of 100 MB', largeValue),
  attack('memory', 'a masked value of 26 MB', largeMaskedValue),
  attack('life', 'a result that nobody reads on', abandonedResult),
  attack('life', 'the server ends the session', endedByServer),
  attack('life', 'many clients that reset', manySessionsBreak),
];

// Attacks by changing what names mean, through the gateway and past it, while its catalog is older.

import { setTimeout as passed } from 'node:timers/promises';

import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack, demand, demandError } from './attack.ts';
import { encodeQuery } from './frames.ts';
import type { RawClient } from './raw-client.ts';
import { answerOf, bind, execute, extended, flush, parse, sync, terminate } from './raw-client.ts';

const stars = 'SELECT * FROM moving';
const email = 'SELECT email FROM moving';
const refill = (table: string): string =>
  `INSERT INTO ${table} (email) SELECT email FROM users ORDER BY id LIMIT 3`;

/** So long a change of plain tables past the gateway may go unseen (SECURITY.md). */
const unseenMilliseconds = 250;

/** Warms the gateway's catalog, changes the server behind its back, then reads in every way. */
async function behindItsBack(
  arena: Arena,
  changes: { readonly change: string; readonly undo: string },
  reads: readonly string[],
): Promise<void> {
  using client = await arena.masked();
  client.send(parse('stars', stars), parse('email', email), sync);
  await client.ready();
  await arena.server(changes.change);
  await passed(unseenMilliseconds);
  try {
    await readAll(arena, client, reads);
    using later = await arena.masked();
    await readAll(arena, later, reads);
  } finally {
    await arena.server(changes.undo);
    await settle(arena);
  }
}

async function readAll(arena: Arena, client: RawClient, reads: readonly string[]): Promise<void> {
  let reader = client;
  for (const sql of reads) {
    // A contradiction between catalog and server may end the session.
    if (reader.closed) reader = await arena.masked();
    await reader.ask(sql);
    if (reader.closed) reader = await arena.masked();
    reader.send(...extended(sql), sync);
    await reader.until(({ type }) => type === 0x5a);
  }
  if (reader !== client) return;
  for (const name of ['stars', 'email']) {
    client.send(bind('', name), execute(''), sync);
    await client.until(({ type }) => type === 0x5a);
    if (client.closed) return;
  }
}

/** DDL through the gateway makes it read the catalog as it is now. */
async function settle(arena: Arena): Promise<void> {
  using client = await arena.clear();
  await client.ask('CREATE TABLE settling ()');
  await client.ask('DROP TABLE settling');
  await client.ask('SELECT 1');
}

const changed = (name: string, change: string, undo: string, ...reads: readonly string[]): Attack =>
  attack('catalog', name, (arena) =>
    behindItsBack(arena, { change, undo }, [...reads, stars, email]),
  );

const pastIt: readonly Attack[] = [
  changed(
    'a column renamed past the gateway',
    'ALTER TABLE moving RENAME email TO mail',
    'ALTER TABLE moving RENAME mail TO email',
    'SELECT mail FROM moving',
  ),
  changed(
    'a column replaced past the gateway',
    `ALTER TABLE moving DROP email; ALTER TABLE moving ADD email text; ${refill('moving')}`,
    'SELECT 1',
  ),
  changed(
    'a table replaced past the gateway',
    `DROP TABLE moving; CREATE TABLE moving (id int, name text, email text); ${refill('moving')};
     ALTER TABLE moving OWNER TO gateway`,
    'SELECT 1',
  ),
  changed(
    'tables swapped past the gateway',
    'ALTER TABLE moving RENAME TO moved; ALTER TABLE other.users SET SCHEMA pg_catalog',
    'SELECT 1',
  ),
];

async function swapped(arena: Arena): Promise<void> {
  await arena.server(`CREATE TABLE twin (id int, name text, email text); ${refill('twin')};
    ALTER TABLE twin OWNER TO gateway`);
  await settle(arena);
  await behindItsBack(
    arena,
    {
      change: 'ALTER TABLE moving RENAME TO away; ALTER TABLE twin RENAME TO moving',
      undo: 'ALTER TABLE moving RENAME TO twin; ALTER TABLE away RENAME TO moving; DROP TABLE twin',
    },
    [email, stars],
  );
}

async function viewReplaced(arena: Arena): Promise<void> {
  await behindItsBack(
    arena,
    {
      change: 'CREATE OR REPLACE VIEW later AS SELECT id, email AS note FROM users',
      undo: 'CREATE OR REPLACE VIEW later AS SELECT id, note FROM orders',
    },
    ['SELECT * FROM later', 'SELECT note FROM later'],
  );
}

async function newView(arena: Arena): Promise<void> {
  await behindItsBack(
    arena,
    {
      change:
        'CREATE VIEW fresh AS SELECT id, email AS note FROM users; ALTER VIEW fresh OWNER TO gateway',
      undo: 'DROP VIEW fresh',
    },
    ['SELECT * FROM fresh', 'SELECT note FROM public.fresh'],
  );
}

const view = (source: string): string => `CREATE OR REPLACE VIEW later AS ${source}`;
const unmasked = 'SELECT id, note FROM orders';
const leaking = 'SELECT id, email AS note FROM users';

/** Another session's DDL commits late, or at once: what it made must count for the next statement. */
async function committedLate(arena: Arena): Promise<void> {
  using builder = await arena.clear();
  using other = await arena.clear('temp');
  using client = await arena.masked();
  await builder.ask('BEGIN');
  await builder.ask(view(leaking));
  // The end of anyone else's transaction is not that of the builder's.
  await other.ask('BEGIN');
  await other.ask('COMMIT');
  await builder.ask('COMMIT');
  await client.ask('SELECT note FROM later');
  await builder.ask(view(unmasked));
  const answer = await client.ask('SELECT note FROM later LIMIT 1');
  demand(answer.errors.length === 0, `no error was due, not ${answer.errors.join()}`);
}

async function committedAtSync(arena: Arena): Promise<void> {
  using builder = await arena.clear();
  using client = await arena.masked();
  builder.send(...extended(view(leaking)), flush);
  await builder.until(({ type }) => type === 0x43);
  // The catalog that is read now does not hold the view yet.
  await client.ask('SELECT 1');
  builder.send(sync);
  await builder.ready();
  await client.ask('SELECT note FROM later');
  await builder.ask(view(unmasked));
  await client.ask('SELECT 1');
}

async function preparedBefore(arena: Arena): Promise<void> {
  using builder = await arena.clear();
  using client = await arena.masked();
  client.send(parse('s', 'SELECT note FROM later'), sync);
  await client.ready();
  await builder.ask(view(leaking));
  client.send(bind('', 's'), execute(''), sync);
  await client.ready();
  await builder.ask(view(unmasked));
  await client.ask('SELECT 1');
}

async function goneBeforeAnswer(arena: Arena): Promise<void> {
  const builder = await arena.clear();
  using client = await arena.masked();
  builder.send(encodeQuery(view(leaking)), terminate);
  await builder.ended();
  await client.ask('SELECT 1');
  await client.ask('SELECT note FROM later');
  using again = await arena.clear();
  await again.ask(view(unmasked));
}

async function temporary(arena: Arena): Promise<void> {
  using client = await arena.clear();
  await client.ask('CREATE TEMP TABLE users (id int, email text)');
  demandError(await client.ask('SELECT nick FROM users'), '42703');
}

async function systemSchema(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const answer = answerOf((await client.ask('SELECT relname FROM pg_class LIMIT 1')).messages);
  demand(answer.rows.length === 1, 'the catalog is closed');
}

export const catalogAttacks: readonly Attack[] = [
  ...pastIt.slice(0, 3),
  attack('catalog', 'tables swapped past the gateway', swapped),
  attack('catalog', 'a view replaced past the gateway', viewReplaced),
  attack('catalog', 'a view created past the gateway', newView),
  attack('catalog', 'DDL committed after another session', committedLate),
  attack('catalog', 'DDL committed at Sync', committedAtSync),
  attack('catalog', 'a statement prepared before DDL', preparedBefore),
  attack('catalog', 'DDL of a client that leaves', goneBeforeAnswer),
  attack('catalog', 'a temporary namesake', temporary),
  attack('catalog', 'system catalogs', systemSchema),
];

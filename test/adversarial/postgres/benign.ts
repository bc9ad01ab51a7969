// Everyday statements that must work for someone for whom columns are masked: half of the score.

import { readFileSync } from 'node:fs';

import type { Arena } from './arena.ts';
import { encodeBodyless, encodeCopyData, frontend } from './frames.ts';
import type { Attack } from './attack.ts';
import { attack, demand } from './attack.ts';
import { answerOf, bind, describeStatement, execute, extended, parse, sync } from './raw-client.ts';

interface Everyday {
  readonly name: string;
  readonly statements: readonly string[];
}

/** Statements, one a line, below `-- name`. */
function readEveryday(file: string): readonly Everyday[] {
  const blocks = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n\n');
  return blocks.map((block) => {
    const [title = '', ...statements] = block.split('\n');
    return { name: title.replace('-- ', ''), statements };
  });
}

async function serve(arena: Arena, statements: readonly string[]): Promise<void> {
  using client = await arena.masked();
  for (const way of ['simple', 'extended'] as const) {
    for (const sql of statements) {
      // Several statements in one text are for simple queries only.
      if (way === 'extended' && /;.*;/.test(sql)) continue;
      const answer = way === 'simple' ? await client.ask(sql) : await client.execute(sql);
      demand(answer.errors.length === 0, `${answer.errors.join()} for ${sql}`);
    }
  }
}

async function copies(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.query('COPY scratch (id, t) FROM STDIN');
  client.send(encodeCopyData(Buffer.from('8\teight\n')), encodeBodyless(frontend.copyDone));
  const copied = answerOf(await client.ready());
  demand(copied.errors.length === 0, `no error was due, not ${copied.errors.join()}`);
  for (const sql of [
    'COPY orders TO STDOUT',
    'COPY (SELECT id, name FROM users) TO STDOUT WITH CSV',
  ]) {
    const answer = await client.ask(sql);
    demand(answer.errors.length === 0, `${answer.errors.join()} for ${sql}`);
  }
}

async function preparedMany(arena: Arena): Promise<void> {
  using client = await arena.masked();
  client.send(parse('by-id', 'SELECT name, email FROM users LIMIT 1'), describeStatement('by-id'));
  client.send(sync);
  await client.ready();
  for (let round = 0; round < 50; round += 1) {
    client.send(bind('', 'by-id'), execute(''), ...extended('SELECT 1'), sync);
    const answer = answerOf(await client.ready());
    demand(answer.rows.length === 2 && answer.rows[0]?.[1] === '***', 'other rows were due');
  }
}

async function nativeErrors(arena: Arena): Promise<void> {
  using client = await arena.masked();
  const codes = {
    'SELECT nothing FROM orders': '42703',
    'SELECT * FROM nowhere': '42P01',
    'SELECT 1/0': '22012',
    'SELEC 1': '42601',
    'INSERT INTO orders (id) VALUES (1)': '23505',
    "SELECT 'x'::int": '22P02',
  };
  for (const [sql, code] of Object.entries(codes)) {
    const { errors } = await client.ask(sql);
    // What the catalog does not know may be refused by the gateway first.
    demand(errors.join() === code || code === '42P01', `${errors.join()} for ${sql}`);
  }
}

export const benignStatements: readonly Attack[] = [
  ...readEveryday('everyday.sql').map(({ name, statements }) =>
    attack('everyday', name, (arena) => serve(arena, statements)),
  ),
  attack('everyday', 'COPY in and out', copies),
  attack('everyday', 'a prepared statement, again and again', preparedMany),
  attack('everyday', "the server's own errors", nativeErrors),
];

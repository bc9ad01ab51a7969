// Ways to read a masked column in SQL. Each runs as simple queries, in the extended protocol without Describe,
// and with binary results; whatever is refused is refused, but no canary may come back.

import { readFileSync } from 'node:fs';

import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack } from './attack.ts';

const tidying = [
  'DROP TABLE IF EXISTS public.loot',
  'DROP VIEW IF EXISTS public.loot',
  'DROP MATERIALIZED VIEW IF EXISTS public.loot',
];

/** Statements, one a line, below `-- class: name`. */
export function readAttacks(file: string): readonly Attack[] {
  const blocks = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n\n');
  return blocks.map((block) => {
    const [title = '', ...statements] = block.split('\n');
    const [, kind = '', name = ''] = /^-- (.+?): (.+)$/.exec(title) ?? [];
    return attack(kind, name, (arena) => tryEveryWay(arena, statements));
  });
}

async function tryEveryWay(arena: Arena, statements: readonly string[]): Promise<void> {
  using client = await arena.masked();
  for (const way of ['simple', 'text', 'binary'] as const) {
    for (const sql of statements) {
      if (way === 'simple') await client.ask(sql);
      else await client.execute(sql, { binary: way === 'binary' });
      if (client.closed) throw new Error(`the session ended: ${sql}`);
    }
    await client.ask('ROLLBACK');
  }
  for (const drop of tidying) await arena.server(drop).catch(() => undefined);
}

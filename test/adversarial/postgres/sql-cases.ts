// Ways to read a masked column in SQL. Each runs as simple queries, in the extended protocol without Describe,
// and with binary results; whatever is refused is refused, but no canary may come back.

import { readFileSync } from 'node:fs';

import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack, demand } from './attack.ts';

const tidying = [
  'DROP TABLE IF EXISTS public.loot',
  'DROP VIEW IF EXISTS public.loot',
  'DROP MATERIALIZED VIEW IF EXISTS public.loot',
];

/** Statements, one a line, below `-- class: name`. */
export function readAttacks(file: string): readonly Attack[] {
  return blocksOf(file).map(({ kind, name, statements }) =>
    attack(kind, name, (arena) => tryEveryWay(arena, statements)),
  );
}

/** Statements of which not even the number of rows may come back, in the same form. */
export function readOracles(file: string): readonly Attack[] {
  return blocksOf(file).map(({ kind, name, statements }) =>
    attack(kind, name, (arena) => demandRefusals(arena, statements)),
  );
}

interface Block {
  readonly kind: string;
  readonly name: string;
  readonly statements: readonly string[];
}

function blocksOf(file: string): readonly Block[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n\n')
    .map((block) => {
      const [title = '', ...statements] = block.split('\n');
      const [, kind = '', name = ''] = /^-- (.+?): (.+)$/.exec(title) ?? [];
      return { kind, name, statements };
    });
}

async function demandRefusals(arena: Arena, statements: readonly string[]): Promise<void> {
  using client = await arena.masked();
  for (const sql of statements) {
    for (const way of ['simple', 'extended'] as const) {
      const answer = way === 'simple' ? await client.ask(sql) : await client.execute(sql);
      // Of the gateway, or of a server too old for the syntax.
      demand(
        /^(42501|42601)$/.test(answer.errors.join()) && answer.rows.length === 0,
        `a refusal was due, not '${answer.errors.join()}' for ${sql}`,
      );
    }
  }
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

// npm run adversarial -- postgres [--json FILE] [--only TEXT] [--table]
// Prints what did not come out as expected; exits 1 if that is anything. `--table` writes
// docs/reference/postgres-attacks.md.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { Arena } from './arena.ts';
import type { Attack } from './attack.ts';
import { benignStatements } from './benign.ts';
import { attacks } from './cases.ts';
import { tablePage } from './table.ts';

const page = new URL('../../../docs/reference/postgres-attacks.md', import.meta.url);

export interface Row {
  readonly name: string;
  readonly class: string;
  readonly expected: 'repelled' | 'served';
  /** As expected, or what went wrong. */
  readonly got: string;
  readonly pass: boolean;
}

async function rowOf(arena: Arena, each: Attack, expected: Row['expected']): Promise<Row> {
  let failure: string | undefined;
  try {
    await each.run(arena);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const leaks = arena.leaks();
  const got = leaks.length > 0 ? `leaked ${leaks.join(', ')}` : (failure ?? expected);
  return { name: each.name, class: each.class, expected, got, pass: got === expected };
}

async function runAll(only: string): Promise<readonly Row[]> {
  await using arena = await Arena.open();
  const chosen = (each: Attack): boolean => `${each.class}: ${each.name}`.includes(only);
  const rows: Row[] = [];
  for (const each of attacks.filter(chosen)) rows.push(await rowOf(arena, each, 'repelled'));
  for (const each of benignStatements.filter(chosen)) {
    rows.push(await rowOf(arena, each, 'served'));
  }
  return rows;
}

export const scoreOf = (rows: readonly Row[], expected: Row['expected']): string => {
  const own = rows.filter((row) => row.expected === expected);
  return `${own.filter(({ pass }) => pass).length} of ${own.length}`;
};

export async function main(): Promise<number> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      only: { type: 'string', default: '' },
      table: { type: 'boolean', default: false },
    },
  });
  const rows = await runAll(values.only);
  const failed = rows.filter(({ pass }) => !pass);
  for (const { class: kind, name, expected, got } of failed) {
    console.log(`${kind}: ${name}: expected ${expected}, got ${got}`);
  }
  const scores = `attacks repelled ${scoreOf(rows, 'repelled')}`;
  console.log(`${scores}, everyday statements served ${scoreOf(rows, 'served')}`);
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
  if (values.table) {
    const { format } = await import('prettier');
    const text = tablePage(rows);
    await writeFile(page, await format(text, { parser: 'markdown', printWidth: 100 }));
  }
  return failed.length === 0 ? 0 : 1;
}

// npm run adversarial -- ssh [--json FILE] [--only TEXT]
// Prints what did not come out as expected; exits 1 if that is anything.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import type { Row, SshArena, SshAttack } from './attack.ts';
import { rowOf } from './attack.ts';
import { startSmallArena } from './small-arena.ts';
import { transportCases } from './transport-cases.ts';

export async function attackArena(
  arena: SshArena,
  attacks: readonly SshAttack[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const attack of attacks) rows.push(await rowOf(attack, arena));
  return rows;
}

export async function main(): Promise<number> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'string' }, only: { type: 'string', default: '' } },
  });
  const { json, only } = values;
  const chosen = transportCases.filter(({ name, class: kind }) =>
    `${kind}: ${name}`.includes(only),
  );
  await using arena = await startSmallArena();
  const rows = await attackArena(arena, chosen);
  for (const { class: kind, name, expected, got } of rows.filter(({ pass }) => !pass)) {
    console.log(`${kind}: ${name}: expected ${expected}, got ${got}`);
  }
  const passed = rows.filter(({ pass }) => pass).length;
  console.log(`ssh: ${passed} of ${rows.length} as expected`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(rows, null, 2)}\n`);
  return passed === rows.length ? 0 : 1;
}

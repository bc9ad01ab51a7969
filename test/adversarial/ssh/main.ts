// npm run adversarial -- ssh [--json FILE] [--only TEXT] [--table]
// The guards alone, the login behind them, then the whole gateway. Prints what did not come out as expected; exits 1 if that
// is anything. `--table` writes docs/reference/ssh-attacks.md.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import type { Row, SshArena, SshAttack } from './attack.ts';
import { rowOf } from './attack.ts';
import { startCredentialArena } from './credential-arena.ts';
import { credentialCases } from './credential-cases.ts';
import { gatewayRowOf, startGatewayArena } from './gateway/arena.ts';
import { gatewayCases } from './gateway/cases.ts';
import { startSmallArena } from './small-arena.ts';
import { tablePage } from './table.ts';
import { transportCases } from './transport-cases.ts';

const page = new URL('../../../docs/reference/ssh-attacks.md', import.meta.url);

export async function attackArena(
  arena: SshArena,
  attacks: readonly SshAttack[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const attack of attacks) rows.push(await rowOf(attack, arena));
  return rows;
}

/** Those whose class and name hold the text. */
async function attackGateway(only: string): Promise<readonly Row[]> {
  const chosen = gatewayCases.filter((each) => titleOf(each).includes(only));
  if (chosen.length === 0) return [];
  await using arena = await startGatewayArena();
  const rows: Row[] = [];
  for (const attack of chosen) rows.push(await gatewayRowOf(attack, arena));
  return rows;
}

async function attackGuards(only: string): Promise<readonly Row[]> {
  const chosen = transportCases.filter((each) => titleOf(each).includes(only));
  if (chosen.length === 0) return [];
  await using arena = await startSmallArena();
  return await attackArena(arena, chosen);
}

async function attackCredentials(only: string): Promise<readonly Row[]> {
  const chosen = credentialCases.filter((each) => titleOf(each).includes(only));
  if (chosen.length === 0) return [];
  await using arena = await startCredentialArena();
  return await attackArena(arena, chosen);
}

const titleOf = ({ name, class: kind }: Pick<Row, 'name' | 'class'>): string => `${kind}: ${name}`;

export async function main(): Promise<number> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      only: { type: 'string', default: '' },
      table: { type: 'boolean', default: false },
    },
  });
  const { json, only } = values;
  const rows = [
    ...(await attackGuards(only)),
    ...(await attackCredentials(only)),
    ...(await attackGateway(only)),
  ];
  for (const row of rows.filter(({ pass }) => !pass)) {
    console.log(`${titleOf(row)}: expected ${row.expected}, got ${row.got}`);
  }
  const passed = rows.filter(({ pass }) => pass).length;
  console.log(`ssh: ${passed} of ${rows.length} as expected`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(rows, null, 2)}\n`);
  if (values.table) await writeTable(rows);
  return passed === rows.length ? 0 : 1;
}

async function writeTable(rows: readonly Row[]): Promise<void> {
  const { format } = await import('prettier');
  await writeFile(page, await format(tablePage(rows), { parser: 'markdown', printWidth: 100 }));
}

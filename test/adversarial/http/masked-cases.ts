// Every answer to a masked caller, in the order of the table, and all of them run.

import { startMaskedArena, versions } from './masked-arena.ts';
import { maskedBodyCases } from './masked-body-cases.ts';
import type { MaskedCase } from './masked-case.ts';
import { maskedHeadCases } from './masked-head-cases.ts';
import { runMasked } from './masked-run.ts';
import type { Row } from './run.ts';

export const maskedCases: readonly MaskedCase[] = [...maskedBodyCases, ...maskedHeadCases];

/** @param only Text in the names of those that are run. */
export async function attackMasked(only: string): Promise<readonly Row[]> {
  const chosen = maskedCases.filter(({ name }) => `masked: ${name}`.includes(only));
  if (chosen.length === 0) return [];
  await using arena = await startMaskedArena();
  const rows: Row[] = [];
  for (const each of chosen) {
    for (const version of versions) rows.push(await runMasked(each, version, arena));
  }
  return rows;
}

// npm run compliance -- [--write] [FOLDER]
// OPA's own compliance cases through the compile path of policies. Exits 1 where one is answered wrongly.
// `--write` puts the table into docs/reference/compliance.md.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { format, resolveConfig } from 'prettier';

import { Toolchain } from '../../engine/policy/compiler/toolchain.ts';
import { casesDirectory, readCases } from './cases.ts';
import type { Outcome } from './run.ts';
import { judgeCase } from './run.ts';
import type { Tally } from './table.ts';
import { page, rows } from './table.ts';

const pagePath = join(import.meta.dirname, '../../docs/reference/compliance.md');

async function main(): Promise<number> {
  const options = { write: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const directory = casesDirectory();
  if (directory === undefined) {
    console.log("not run: Go's module cache has no OPA");
    return 0;
  }
  const [only] = positionals;
  const cases = readCases(directory).filter(({ folder }) => only === undefined || folder === only);
  const toolchain = new Toolchain({ idleMilliseconds: 60_000, requestMilliseconds: 60_000 });
  const tallies = new Map<string, Tally>();
  let wrong = 0;
  for (const each of cases) {
    const outcome = await judgeCase(toolchain, each);
    const tally = tallies.get(each.folder) ?? { passed: 0, refused: 0, wrong: 0 };
    tallies.set(each.folder, { ...tally, [outcome.kind]: tally[outcome.kind] + 1 });
    if (outcome.kind === 'wrong') wrong += 1;
    report(`${each.folder}: ${each.note}`, outcome);
  }
  await toolchain.close();
  console.log(rows(tallies).join('\n'));
  if (values.write) writeFileSync(pagePath, await formatted(page(tallies)));
  return wrong === 0 ? 0 : 1;
}

const formatted = async (text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(pagePath)), filepath: pagePath });

function report(name: string, outcome: Outcome): void {
  if (outcome.kind === 'wrong') console.error(`error: ${name}\n  ${outcome.why}`);
}

process.exitCode = await main();

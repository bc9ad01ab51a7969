// npm run conformance -- postgres [--only NAME,…] [--json FILE] [--table FILE]: what clients and PostgreSQL's own
// tests see through the gateway, held against what they see of the server itself.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { corpusSetup } from '../../support/corpus.ts';
import { TestGateway } from '../../support/gateway.ts';
import type { ClientOutcome, Missing } from './clients.ts';
import { runClient } from './clients.ts';
import { harnesses } from './harness.ts';

export async function main(): Promise<number> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      only: { type: 'string' },
      json: { type: 'string' },
      table: { type: 'string' },
    },
  });
  const only = values.only?.split(',');
  const chosen = harnesses.filter(({ name }) => only?.includes(name) ?? true);
  const outcomes: (ClientOutcome | Missing)[] = [];
  await using gateway = await TestGateway.start({ server: { setup: [corpusSetup] } });
  for (const harness of chosen) {
    const outcome = await runClient(harness, gateway);
    outcomes.push(outcome);
    report(outcome);
  }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(outcomes, null, 2));
  return outcomes.some((each) => 'missing' in each || each.differences.length > 0) ? 1 : 0;
}

function report(outcome: ClientOutcome | Missing): void {
  if ('missing' in outcome) {
    console.log(`${outcome.name}: not run: ${outcome.missing}`);
    return;
  }
  const { name, version, cases, differences } = outcome;
  console.log(`${name} ${version}: ${cases} cases, ${differences.length} differ`);
  for (const each of differences.slice(0, 20)) {
    console.log(`  ${each.mode}: ${each.case.slice(0, 100)}`);
    console.log(`    direct  ${JSON.stringify(each.direct)?.slice(0, 300)}`);
    console.log(`    through ${JSON.stringify(each.through)?.slice(0, 300)}`);
  }
}

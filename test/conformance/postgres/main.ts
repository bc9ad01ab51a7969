// npm run conformance -- postgres [--only NAME,…] [--json FILE] [--table FILE]: what clients and PostgreSQL's own
// tests see through the gateway, held against what they see of the server itself.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { corpusSetup } from '../../support/corpus.ts';
import { TestGateway } from '../../support/gateway.ts';
import type { ClientOutcome, Missing } from './clients.ts';
import { runClient } from './clients.ts';
import { harnesses } from './harness.ts';
import { refusalOf } from './refusals.ts';
import type { Run } from './table.ts';
import { clientsPage } from './table.ts';

const shownMax = 20;
const shownCharacters = 400;

export async function main(): Promise<number> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      only: { type: 'string' },
      json: { type: 'string' },
      table: { type: 'string' },
    },
  });
  const run = await runClients(values.only?.split(','));
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(run, null, 2));
  if (values.table !== undefined) writeFileSync(values.table, clientsPage(run));
  return run.clients.some((each) => 'missing' in each || faultsOf(each).length > 0) ? 1 : 0;
}

async function runClients(only: readonly string[] | undefined): Promise<Run> {
  const chosen = harnesses.filter(({ name }) => only?.includes(name) ?? true);
  const clients: (ClientOutcome | Missing)[] = [];
  await using gateway = await TestGateway.start({ server: { setup: [corpusSetup] } });
  for (const harness of chosen) {
    const outcome = await runClient(harness, gateway);
    clients.push(outcome);
    report(outcome);
  }
  const [row] = await gateway.postgres.query('SHOW server_version');
  return { server: String(row?.['server_version']), clients };
}

const faultsOf = ({ differences }: ClientOutcome): ClientOutcome['differences'] =>
  differences.filter((each) => refusalOf(each) === undefined);

function report(outcome: ClientOutcome | Missing): void {
  if ('missing' in outcome) {
    console.log(`${outcome.name}: not run: ${outcome.missing}`);
    return;
  }
  const { name, version, cases, differences } = outcome;
  const faults = faultsOf(outcome);
  const meant = differences.length - faults.length;
  console.log(`${name} ${version}: ${cases} cases, ${meant} refused, ${faults.length} differ`);
  for (const { mode, case: of, direct, through } of faults.slice(0, shownMax)) {
    console.log(`  ${mode}: ${of.slice(0, shownCharacters)}`);
    console.log(`    direct  ${shown(direct)}`);
    console.log(`    through ${shown(through)}`);
  }
}

const shown = (answer: unknown): string =>
  JSON.stringify(answer ?? 'nothing').slice(0, shownCharacters);

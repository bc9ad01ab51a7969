// npm run conformance -- postgres [--only NAME,…] [--servers DIRECTORY] [--regress DIRECTORY] [--json FILE] [--table FILE]:
// what clients and PostgreSQL's own tests see through the gateway, held against what they see of the server itself.
//
// The directories are those of lab/postgres/servers.sh and lab/postgres/regress-source.sh. `--from FILE` writes the
// table from a run that `--json` kept.

import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { corpusSetup } from '../../support/corpus.ts';
import { TestGateway } from '../../support/gateway.ts';
import type { ClientOutcome, Missing } from './clients.ts';
import { runClient } from './clients.ts';
import { harnesses } from './harness.ts';
import type { RegressOutcome } from './regress.ts';
import { runRegress } from './regress.ts';
import type { Run, ServerRun } from './table.ts';
import { clientsPage } from './table.ts';

const shownMax = 20;
const shownCharacters = 400;
/** The major whose tests `regress-source.sh` brings. */
const regressInstallation = '/usr/lib/postgresql/15';

const cli = {
  only: { type: 'string' },
  servers: { type: 'string' },
  regress: { type: 'string' },
  from: { type: 'string' },
  json: { type: 'string' },
  table: { type: 'string' },
} as const;

export async function main(): Promise<number> {
  const { values } = parseArgs({ args: process.argv.slice(3), options: cli });
  const run =
    values.from === undefined
      ? await runAll(values)
      : (JSON.parse(readFileSync(values.from, 'utf8')) as Run);
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(run, null, 2));
  if (values.table !== undefined) writeFileSync(values.table, clientsPage(run));
  const clients = run.servers.flatMap((server) => server.clients);
  return clients.some((each) => 'missing' in each || each.differences.length > 0) ? 1 : 0;
}

async function runAll(
  values: Readonly<Partial<Record<'only' | 'servers' | 'regress', string>>>,
): Promise<Run> {
  const only = values.only?.split(',');
  const installations =
    values.servers === undefined
      ? [undefined]
      : readdirSync(values.servers)
          .filter((name) => /^\d+$/.test(name))
          .map((name) => resolve(values.servers ?? '', name));
  const servers: ServerRun[] = [];
  for (const installation of installations) servers.push(await runClients(only, installation));
  return {
    servers,
    ...(values.regress === undefined ? {} : { regress: await runSuite(values.regress, only) }),
  };
}

async function runClients(
  only: readonly string[] | undefined,
  installation: string | undefined,
): Promise<ServerRun> {
  const clients: (ClientOutcome | Missing)[] = [];
  await using gateway = await TestGateway.start({
    // Plans and the order of catalogs change when it runs between two programs.
    server: {
      setup: [corpusSetup],
      settings: { autovacuum: 'off' },
      ...(installation === undefined ? {} : { installation }),
    },
  });
  const [row] = await gateway.postgres.query('SHOW server_version');
  const version = String(row?.['server_version']);
  console.log(`PostgreSQL ${version}`);
  for (const harness of harnesses.filter(({ name }) => only?.includes(name) ?? true)) {
    const outcome = await runClient(harness, gateway);
    clients.push(outcome);
    report(outcome);
  }
  return { version, clients };
}

async function runSuite(
  directory: string,
  only: readonly string[] | undefined,
): Promise<RegressOutcome> {
  if (!existsSync(join(regressInstallation, 'bin', 'postgres'))) {
    throw new Error(`no PostgreSQL in ${regressInstallation}: apt-get install postgresql-15`);
  }
  const options = {
    source: resolve(directory),
    installation: regressInstallation,
    ...(only === undefined ? {} : { only }),
  };
  return runRegress(options, ({ script, isSame, isExpected }) => {
    const expected = isExpected ? '' : ', and not what its source expects without the gateway';
    console.log(`regress ${script}: ${isSame ? 'same' : 'differs'}${expected}`);
  });
}

function report(outcome: ClientOutcome | Missing): void {
  if ('missing' in outcome) {
    console.log(`${outcome.name}: not run: ${outcome.missing}`);
    return;
  }
  const { name, version, cases, differences } = outcome;
  console.log(`${name} ${version}: ${cases} cases, ${differences.length} differ`);
  for (const { mode, case: of, direct, through } of differences.slice(0, shownMax)) {
    console.log(`  ${mode}: ${of.slice(0, shownCharacters)}`);
    console.log(`    direct  ${shown(direct)}`);
    console.log(`    through ${shown(through)}`);
  }
}

const shown = (answer: unknown): string =>
  JSON.stringify(answer ?? 'nothing').slice(0, shownCharacters);

// `npm run bench -- LANE [--json FILE] [--quick] [--only METRICS]`: the one way to measure.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import type { Lane } from './lane.ts';
import { engineLane } from './lanes/engine.ts';
import { httpLane } from './lanes/http.ts';
import { postgresLane } from './lanes/postgres.ts';
import { sshLane } from './lanes/ssh.ts';
import { machineFacts } from './machine.ts';
import { document, table, warnings } from './report.ts';

const lanes: Readonly<Record<string, Lane>> = {
  engine: engineLane,
  http: httpLane,
  postgres: postgresLane,
  ssh: sshLane,
};

const names = Object.entries(lanes).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`);
const usage = [
  'usage: npm run bench -- LANE [--json FILE] [--quick] [--only METRICS]',
  ...names,
  '',
].join('\n');

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
    },
    allowPositionals: true,
  });
  const [name = ''] = positionals;
  const lane = Object.hasOwn(lanes, name) ? lanes[name] : undefined;
  if (lane === undefined || positionals.length !== 1) {
    process.stderr.write(usage);
    return 64;
  }
  const machine = machineFacts();
  const { quick, only } = values;
  const parts = lane.parts?.filter((part) => part.startsWith(only)) ?? [];
  if (only !== '' && parts.length === 0) {
    say(`error: lane ${name} has no part ${only}`);
    say(`hint: ${lane.parts?.join(', ') ?? 'it is measured as a whole'}`);
    return 64;
  }
  const result = await lane.run({ quick, say, measures: new Set(parts) });
  process.stdout.write(`${table(result.metrics)}\n`);
  for (const [fact, value] of Object.entries({ ...machine, ...result.facts })) {
    process.stdout.write(`${fact}: ${value}\n`);
  }
  warnings(result, machine).forEach(say);
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify(document(result, machine), null, 2)}\n`);
  }
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  say(`error: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

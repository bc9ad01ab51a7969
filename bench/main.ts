// `npm run bench -- LANE [--json FILE] [--quick]`: the one way to measure.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import type { Lane } from './lane.ts';
import { engineLane } from './lanes/engine.ts';
import { httpLane } from './lanes/http.ts';
import { postgresLane } from './lanes/postgres.ts';
import { machineFacts } from './machine.ts';
import { document, table, warnings } from './report.ts';

const lanes: Readonly<Record<string, Lane>> = {
  engine: engineLane,
  http: httpLane,
  postgres: postgresLane,
};

const names = Object.entries(lanes).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`);
const usage = ['usage: npm run bench -- LANE [--json FILE] [--quick]', ...names, ''].join('\n');

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name = ''] = positionals;
  const lane = Object.hasOwn(lanes, name) ? lanes[name] : undefined;
  if (lane === undefined || positionals.length !== 1) {
    process.stderr.write(usage);
    return 64;
  }
  const machine = machineFacts();
  const result = await lane.run({ quick: values.quick, say });
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

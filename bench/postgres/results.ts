// Large and masked results: how fast psql takes them through Sallyport, as a share of direct.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { requiredProgram, temporaryDirectory } from '#lab';
import type { Metric } from '../lane.ts';
import { pgbench } from './pgbench.ts';
import type { Ways } from './ways.ts';

const run = promisify(execFile);

export const bulkRows = 1_000_000;
const pageRows = 1000;

/** People of whom the policies mask `email` and `phone`. */
export const customers: readonly string[] = [
  `CREATE TABLE customers (id bigint PRIMARY KEY, name text, email text, phone text,
    city text, since timestamptz)`,
  `INSERT INTO customers SELECT id, 'Customer ' || id, 'customer' || id || '@example.com',
    '+49 30 ' || id, 'Berlin', '2024-01-01'::timestamptz + id * interval '1 minute'
    FROM generate_series(1, ${bulkRows}) AS id`,
  'VACUUM ANALYZE customers',
  'GRANT SELECT ON customers TO PUBLIC',
];

/** Three columns of which one is masked, for whom masks are in force. */
const bulkStatements = {
  select: 'SELECT id, name, email FROM customers',
  copy: 'COPY customers (id, name, email) TO STDOUT',
} as const;
export type Bulk = keyof typeof bulkStatements;

const page = `SELECT id, name, email, phone, city, since FROM customers WHERE id <= ${pageRows};\n`;

export interface BulkOptions {
  readonly kind: Bulk;
  readonly masked: boolean;
  readonly rounds: number;
}

/** Direct and through take turns; the answer is the speed as a share of direct, round by round. */
export async function measureBulk(ways: Ways, options: BulkOptions): Promise<readonly number[]> {
  const { kind, masked, rounds } = options;
  const statement = bulkStatements[kind];
  const through = masked ? ways.masked : ways.sallyport.environment;
  await millisecondsOf(statement, ways.direct.environment);
  await millisecondsOf(statement, through);
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const direct = await millisecondsOf(statement, ways.direct.environment);
    samples.push(direct / (await millisecondsOf(statement, through)));
  }
  return samples;
}

/** What psql says that a statement took, whose result goes nowhere. @throws when it fails */
async function millisecondsOf(statement: string, env: NodeJS.ProcessEnv): Promise<number> {
  const psql = requiredProgram('psql', 'postgresql-client');
  const { stdout, stderr } = await run(
    psql,
    ['-XAt', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-c', '\\timing on', '-c', statement],
    { env },
  );
  const [, milliseconds] = /Time: ([\d.]+) ms/.exec(stdout) ?? [];
  if (milliseconds === undefined) throw new Error(`psql said no time: ${stdout}${stderr}`);
  return Number(milliseconds);
}

export interface PageOptions {
  readonly program: string;
  readonly seconds: number;
  readonly rounds: number;
}

/** How many times as long a page of 1,000 rows takes of whose six columns two are masked. */
export async function measurePage(ways: Ways, options: PageOptions): Promise<Metric> {
  const { rounds, program, seconds } = options;
  await using directory = await temporaryDirectory('sallyport-page-');
  const script = join(directory.path, 'page.sql');
  await writeFile(script, page);
  const take = async (environment: NodeJS.ProcessEnv): Promise<number> => {
    const { tps } = await pgbench({
      ...{ program, environment, script, seconds },
      ...{ protocol: 'simple', clients: 1 },
    });
    return 1 / tps;
  };
  await take(ways.masked);
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const clear = await take(ways.sallyport.environment);
    samples.push((await take(ways.masked)) / clear);
  }
  return { name: 'masked_1000x6.vs_unmasked', samples };
}

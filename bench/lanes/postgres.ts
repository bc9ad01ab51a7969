// Lane `postgres`: what a statement costs direct, through pgbouncer and through Sallyport, on one server.

import { requiredProgram } from '#lab';
import { startGuardedPostgres } from '../../test/support/gateway.ts';
import type { Lane, LaneOptions, LaneResult, Metric } from '../lane.ts';
import type { PgbenchRun } from '../postgres/pgbench.ts';
import { initialise, pgbench, protocols } from '../postgres/pgbench.ts';
import { pgbouncerVersion } from '../postgres/pgbouncer.ts';
import { cpuSeconds } from '../process-cpu.ts';
import type { Way, WayName } from '../postgres/ways.ts';
import { startWays, wayNames } from '../postgres/ways.ts';

const scale = 5;
const rounds = 3;
const clientCounts = [1, 8] as const;
const transports = ['plain', 'tls'] as const;
/** Personal columns that the policies mask, and that pgbench does not read. */
const maskedTable =
  'CREATE TABLE customers (id bigint PRIMARY KEY, name text, email text, phone text)';

interface Sample {
  readonly tps: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly cpuUs: number | undefined;
}

type Round = Readonly<Record<WayName, Sample>>;

export const postgresLane: Lane = {
  about: 'pgbench -S: direct, pgbouncer, sallyport; plain and TLS; 1 and 8 clients',
  run,
};

async function run({ quick, say }: LaneOptions): Promise<LaneResult> {
  const program = requiredProgram('pgbench', 'postgresql');
  const pgbouncer = requiredProgram('pgbouncer', 'pgbouncer');
  const seconds = quick ? 1 : 4;
  const postgres = await startGuardedPostgres({ setup: [maskedTable] });
  const metrics: Metric[] = [];
  try {
    for (const transport of transports) {
      await using ways = await startWays({ postgres, pgbouncer, tls: transport === 'tls' });
      if (transport === 'plain') await prepare(program, ways.all);
      await warmUp(program, ways.all);
      for (const protocol of protocols) {
        for (const clients of clientCounts) {
          const name = `${transport}.${protocol}.c${clients}`;
          const measured = await measure({ program, protocol, clients, seconds }, ways.all);
          metrics.push(...metricsOf(name, measured));
          say(`${name}: ${summary(measured)}`);
        }
      }
    }
    const [row] = await postgres.server.query('SHOW server_version');
    const facts = {
      postgres: String(row?.['server_version']),
      pgbouncer: await pgbouncerVersion(pgbouncer),
      pgbench_scale: scale,
      rounds,
      seconds_per_round: seconds,
    };
    return { metrics, facts, steady: (name) => name.endsWith('.direct.tps') };
  } finally {
    await postgres.stop();
  }
}

async function prepare(program: string, ways: readonly Way[]): Promise<void> {
  const direct = ways.find(({ name }) => name === 'direct');
  await initialise(program, direct?.environment ?? {}, scale);
}

/** A relay that compiles itself while it runs is measured as it runs later. */
async function warmUp(program: string, ways: readonly Way[]): Promise<void> {
  for (const { environment } of ways.filter(({ pid }) => pid !== undefined)) {
    await pgbench({ program, environment, protocol: 'extended', clients: 4, seconds: 1 });
  }
}

/** Each round takes all ways in turn, so that what slows the machine down slows all of them down. */
async function measure(
  options: Omit<PgbenchRun, 'environment'>,
  ways: readonly Way[],
): Promise<readonly Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const samples: Partial<Record<WayName, Sample>> = {};
    for (const way of ways) samples[way.name] = await sampleOf(options, way);
    measured.push(samples as Round);
  }
  return measured;
}

async function sampleOf(options: Omit<PgbenchRun, 'environment'>, way: Way): Promise<Sample> {
  const before = way.pid === undefined ? undefined : cpuSeconds(way.pid);
  const { transactions, ...rest } = await pgbench({ ...options, environment: way.environment });
  const after = way.pid === undefined ? undefined : cpuSeconds(way.pid);
  const known = before !== undefined && after !== undefined;
  return { ...rest, cpuUs: known ? ((after - before) * 1e6) / transactions : undefined };
}

function metricsOf(name: string, measured: readonly Round[]): readonly Metric[] {
  const metrics: Metric[] = [];
  const add = (metric: string, value: (round: Round) => number | undefined): void => {
    const samples = measured.map(value).filter((sample) => sample !== undefined);
    if (samples.length > 0) metrics.push({ name: `${name}.${metric}`, samples });
  };
  for (const other of ['pgbouncer', 'direct'] as const) {
    add(`tps_vs_${other}`, (round) => round.sallyport.tps / round[other].tps);
    add(`p99_vs_${other}`, (round) => round.sallyport.p99Us / round[other].p99Us);
    add(`cpu_vs_${other}`, (round) => ratio(round.sallyport.cpuUs, round[other].cpuUs));
  }
  for (const way of wayNames) {
    add(`${way}.tps`, (round) => round[way].tps);
    add(`${way}.p50_us`, (round) => round[way].p50Us);
    add(`${way}.p99_us`, (round) => round[way].p99Us);
    add(`${way}.cpu_us_per_statement`, (round) => round[way].cpuUs);
  }
  return metrics;
}

function ratio(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}

function summary(measured: readonly Round[]): string {
  const parts = wayNames.map((way) => {
    const tps = measured.map((round) => round[way].tps.toFixed(0));
    return `${way} ${tps.join(' ')} tps`;
  });
  return parts.join(', ');
}

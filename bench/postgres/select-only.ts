// `pgbench -S` over all ways in turn: throughput, latency, and the relay's CPU for each statement.

import type { Metric } from '../lane.ts';
import { cpuSeconds } from '../process-cpu.ts';
import type { PgbenchRun } from './pgbench.ts';
import { pgbench } from './pgbench.ts';
import type { Way, WayName } from './ways.ts';
import { wayNames } from './ways.ts';

interface Sample {
  readonly tps: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly cpuUs: number | undefined;
}

type Round = Readonly<Record<WayName, Sample>>;

export type SelectOnly = Omit<PgbenchRun, 'environment' | 'script'>;

/** Each round takes all ways in turn, so that what slows the machine down slows all of them down. */
export async function measureSelectOnly(
  options: SelectOnly,
  ways: readonly Way[],
  rounds: number,
): Promise<readonly Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const samples: Partial<Record<WayName, Sample>> = {};
    for (const way of ways) samples[way.name] = await sampleOf(options, way);
    measured.push(samples as Round);
  }
  return measured;
}

async function sampleOf(options: SelectOnly, way: Way): Promise<Sample> {
  const before = way.pid === undefined ? undefined : cpuSeconds(way.pid);
  const { transactions, ...rest } = await pgbench({ ...options, environment: way.environment });
  const after = way.pid === undefined ? undefined : cpuSeconds(way.pid);
  const known = before !== undefined && after !== undefined;
  return { ...rest, cpuUs: known ? ((after - before) * 1e6) / transactions : undefined };
}

export function selectOnlyMetrics(name: string, measured: readonly Round[]): readonly Metric[] {
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

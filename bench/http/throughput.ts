// Requests and bodies through each way in turn, as fast as they go, and what the relay's CPU spends on them.

import { cpuSeconds } from '../process-cpu.ts';
import type { Metric } from '../lane.ts';
import type { Way, WayName } from './ways.ts';
import { wayNames } from './ways.ts';
import { wrk } from './wrk.ts';

export interface Load {
  readonly path: string;
  readonly connections: number;
}

export interface ThroughputOptions extends Load {
  readonly program: string;
  readonly ways: readonly Way[];
  readonly rounds: number;
  readonly seconds: number;
}

export interface Sample {
  readonly rps: number;
  readonly mbPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Of the relay alone, a request. */
  readonly cpuUs: number | undefined;
}

export type Round = Readonly<Partial<Record<WayName, Sample>>>;

/** Each round takes all ways in turn, so that what slows the machine down slows all of them down. */
export async function measureThroughput(options: ThroughputOptions): Promise<readonly Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const samples: Partial<Record<WayName, Sample>> = {};
    for (const way of options.ways) samples[way.name] = await sampleOf(way, options);
    measured.push(samples);
  }
  return measured;
}

async function sampleOf(way: Way, options: ThroughputOptions): Promise<Sample> {
  const { program, path, connections, seconds } = options;
  const url = `https://127.0.0.1:${way.port}${path}`;
  const before = way.pid === undefined ? undefined : cpuSeconds(way.pid);
  const result = await wrk({ program, url, headers: way.headers, connections, seconds });
  const after = way.pid === undefined ? undefined : cpuSeconds(way.pid);
  const known = before !== undefined && after !== undefined;
  return {
    rps: result.requests / result.seconds,
    mbPerSecond: result.bytes / result.seconds / 1e6,
    p50Us: result.p50Us,
    p99Us: result.p99Us,
    cpuUs: known ? ((after - before) * 1e6) / result.requests : undefined,
  };
}

type Figure = keyof Sample;

/** `NAME.LABEL_vs_PEER` for each peer: Sallyport's figure over the peer's, round by round. */
export function ratios(
  name: string,
  figure: Figure,
  label: string,
  rounds: readonly Round[],
): readonly Metric[] {
  return wayNames.flatMap((peer) => {
    if (peer === 'sallyport') return [];
    const samples = rounds.map(({ sallyport, [peer]: other }) => {
      const [own, theirs] = [sallyport?.[figure], other?.[figure]];
      return own === undefined || theirs === undefined ? undefined : own / theirs;
    });
    return metric(`${name}.${label}_vs_${peer}`, samples);
  });
}

/** `NAME.WAY.LABEL` for each way. */
export function figures(
  name: string,
  figure: Figure,
  label: string,
  rounds: readonly Round[],
): readonly Metric[] {
  return wayNames.flatMap((way) =>
    metric(
      `${name}.${way}.${label}`,
      rounds.map((round) => round[way]?.[figure]),
    ),
  );
}

/** None where a figure is not known. */
export function metric(name: string, values: readonly (number | undefined)[]): readonly Metric[] {
  const samples = values.filter((value) => value !== undefined);
  return samples.length === 0 ? [] : [{ name, samples }];
}

// Lane `http`: what a request costs direct, through nginx, haproxy and Sallyport, TLS on every hop, on one origin.

import { execFileSync } from 'node:child_process';

import { requiredProgram } from '#lab';
import { descriptorsMax } from '../descriptors.ts';
import { disturbances, p99Ratio } from '../http/hostile.ts';
import { measureIdleWebSockets } from '../http/idle-websockets.ts';
import { measureMasking } from '../http/masking.ts';
import type { Load, Round } from '../http/throughput.ts';
import { figures, measureThroughput, metric, ratios } from '../http/throughput.ts';
import type { Way, Ways } from '../http/ways.ts';
import { startWays, wayNames } from '../http/ways.ts';
import { wrk } from '../http/wrk.ts';
import type { Lane, LaneOptions, LaneResult, Metric } from '../lane.ts';

const loads = {
  'tls.get': { path: '/small', connections: 32 },
  'tls.body1mb': { path: '/mb', connections: 8 },
} as const satisfies Readonly<Record<string, Load>>;
const rounds = 5;
/** Each is a few seconds, in which anything else on the machine shows. */
const disturbedRounds = 9;
/** They need the relays. */
const partsOfWays: readonly string[] = [...Object.keys(loads), ...disturbances];
/** V8 goes on compiling for about this long under load. */
const warmUpSeconds = 15;
const warmUpDisturbedSeconds = 4;

export const httpLane: Lane = {
  about:
    'GET and 1 MB: direct, nginx, haproxy, sallyport; masking, WebSockets, slow clients, bombs',
  parts: ['mask.json', 'websocket', ...partsOfWays],
  run,
};

async function run(options: LaneOptions): Promise<LaneResult> {
  const { quick, say, measures } = options;
  const metrics: Metric[] = measures.has('mask.json') ? [...masked()] : [];
  const idle = measures.has('websocket') ? await idleWebSockets(quick) : undefined;
  metrics.push(...(idle?.metrics ?? []));
  if (metrics.length > 0)
    say(metrics.map(({ name, samples }) => `${name} ${samples.join(' ')}`).join(', '));
  if (partsOfWays.some((part) => measures.has(part))) metrics.push(...(await compared(options)));
  return {
    metrics,
    facts: {
      nginx: version('nginx', '-v', /nginx\/([\d.]+)/),
      haproxy: version('haproxy', '-v', /version ([\d.]+)/),
      rounds: quick ? 3 : rounds,
      seconds_per_round: secondsOf(quick),
      ...(idle === undefined ? {} : { idle_websockets: idle.count }),
      ...Object.fromEntries(
        Object.entries(loads).map(([name, { connections }]) => [
          `${name}.connections`,
          connections,
        ]),
      ),
    },
    steady: (name) => name.endsWith('.direct.rps'),
  };
}

const secondsOf = (quick: boolean): number => (quick ? 2 : 4);

async function compared(options: LaneOptions): Promise<readonly Metric[]> {
  const { quick, say, measures } = options;
  const program = requiredProgram('wrk', 'wrk');
  const metrics: Metric[] = [];
  await using ways = await startWays();
  await warmUp(program, ways.all, quick ? 10 : warmUpSeconds);
  for (const [name, load] of Object.entries(loads)) {
    if (!measures.has(name)) continue;
    const measured = await measureThroughput({
      ...load,
      program,
      ways: ways.all,
      rounds: quick ? 3 : rounds,
      seconds: secondsOf(quick),
    });
    metrics.push(...metricsOf(name as keyof typeof loads, measured));
    say(`${name}: ${summary(measured)}`);
  }
  return [...metrics, ...(await disturbed(ways, options))];
}

function masked(): readonly Metric[] {
  return Object.entries(measureMasking()).map(([name, speed]) => ({
    name: `mask.json.${name}`,
    samples: [Math.round(Number(speed))],
  }));
}

/** Each takes two descriptors of the relay, and two of this process, which is caller and target. */
async function idleWebSockets(
  quick: boolean,
): Promise<{ readonly count: number; readonly metrics: readonly Metric[] }> {
  const possible = Math.floor(descriptorsMax() / 2) - 500;
  const count = Math.min(quick ? 1000 : 10_000, possible);
  const plain = await measureIdleWebSockets(count, { tls: false });
  const tls = await measureIdleWebSockets(count, { tls: true });
  return {
    count,
    metrics: [
      { name: 'websocket.idle_kb', samples: [rounded(tls.residentKb)] },
      { name: 'websocket.idle_plaintext_kb', samples: [rounded(plain.residentKb)] },
    ],
  };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** A relay that compiles itself while it runs is measured as it runs later. */
async function warmUp(program: string, ways: readonly Way[], seconds: number): Promise<void> {
  for (const { path, connections } of Object.values(loads)) {
    for (const { name, port, headers } of ways.filter(({ pid }) => pid !== undefined)) {
      const url = `https://127.0.0.1:${port}${path}`;
      const needed = name === 'sallyport' && path === loads['tls.get'].path ? seconds : 2;
      await wrk({ program, url, headers, connections, seconds: needed });
    }
  }
}

function metricsOf(name: keyof typeof loads, measured: readonly Round[]): readonly Metric[] {
  switch (name) {
    case 'tls.get':
      return [
        ...ratios(name, 'cpuUs', 'cpu', measured),
        ...ratios(name, 'rps', 'rps', measured),
        ...ratios(name, 'p99Us', 'p99', measured),
        ...metric(
          `${name}.cpu_us`,
          measured.map(({ sallyport }) => sallyport?.cpuUs),
        ),
        ...figures(name, 'cpuUs', 'cpu_us', measured),
        ...figures(name, 'rps', 'rps', measured),
        ...figures(name, 'p50Us', 'p50_us', measured),
        ...figures(name, 'p99Us', 'p99_us', measured),
      ];
    case 'tls.body1mb':
      return [
        ...ratios(name, 'mbPerSecond', 'throughput', measured),
        ...ratios(name, 'cpuUs', 'cpu', measured),
        ...figures(name, 'mbPerSecond', 'mb_s', measured),
        ...figures(name, 'cpuUs', 'cpu_us', measured),
      ];
  }
}

async function disturbed(
  ways: Ways,
  { quick, say, measures }: LaneOptions,
): Promise<readonly Metric[]> {
  const metrics: Metric[] = [];
  for (const disturbance of disturbances) {
    if (!measures.has(disturbance)) continue;
    const samples: (number | undefined)[] = [];
    await p99Ratio(ways, disturbance, warmUpDisturbedSeconds);
    for (let round = 0; round < (quick ? 3 : disturbedRounds); round += 1) {
      samples.push(await p99Ratio(ways, disturbance, quick ? 2 : 4));
    }
    metrics.push(...metric(`${disturbance}.p99_ratio`, samples));
    const shown = samples.map((ratio) => ratio?.toFixed(2) ?? '(too few took place)');
    say(`${disturbance}: p99 × ${shown.join(' ')}`);
  }
  return metrics;
}

function summary(measured: readonly Round[]): string {
  const parts = wayNames.map((way) => {
    const rps = measured.map((round) => (round[way]?.rps ?? NaN).toFixed(0));
    return `${way} ${rps.join(' ')} rps`;
  });
  return parts.join(', ');
}

/** Some programs answer on their standard output, some on the other one. */
function version(name: string, option: string, pattern: RegExp): string {
  const path = requiredProgram(name, name);
  const said = execFileSync('/bin/sh', ['-c', '"$0" "$1" 2>&1', path, option], {
    encoding: 'utf8',
  });
  return pattern.exec(said)?.[1] ?? 'unknown';
}

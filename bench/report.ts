// A lane's result for people (a table, warnings) and for programs (one flat JSON object).

import type { LaneResult, Metric } from './lane.ts';
import type { MachineFacts } from './machine.ts';
import { isBusy } from './machine.ts';
import { relativeSpread, spreadOf } from './statistics.ts';

/** Rounds that differ by more than this share of their median say that the machine did not stand still. */
const steadySpreadMax = 0.2;

const digits = (value: number): string =>
  Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);

export function table(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ name, samples }) => {
    const { min, median, max } = spreadOf(samples);
    return [name, digits(median), digits(min), digits(max)] as const;
  });
  const lines = [['metric', 'median', 'min', 'max'] as const, ...rows];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines
    .map(([name, ...values]) =>
      [name.padEnd(width), ...values.map((value) => value.padStart(9))].join(' '),
    )
    .join('\n');
}

/** Metric name → median, `machine` → facts of the machine and of the run. */
export function document(result: LaneResult, machine: MachineFacts): object {
  const medians = result.metrics.map(({ name, samples }) => [name, spreadOf(samples).median]);
  return {
    ...(Object.fromEntries(medians) as Record<string, number>),
    machine: { ...machine, ...result.facts, spread: typicalSpread(result) },
  };
}

export function warnings(result: LaneResult, machine: MachineFacts): readonly string[] {
  const found: string[] = [];
  if (isBusy(machine)) {
    found.push(`warning: load average ${machine['load_average_before'] ?? ''} before the run`);
  }
  const spread = typicalSpread(result);
  if (spread > steadySpreadMax) {
    found.push(
      `warning: rounds differ by ${(spread * 100).toFixed(0)} %: trust ratios, not figures`,
    );
  }
  return found;
}

/** The median over metrics of how far their rounds lie apart. */
function typicalSpread({ metrics, steady = () => true }: LaneResult): number {
  const spreads = metrics
    .filter(({ name }) => steady(name))
    .map(({ samples }) => relativeSpread(spreadOf(samples)));
  return Math.round(spreadOf(spreads).median * 1000) / 1000;
}

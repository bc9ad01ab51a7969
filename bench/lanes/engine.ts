// Lane `engine`: what one decision costs a host, by the number of rules that are loaded.

import { join } from 'node:path';

import { Compiler } from '#engine';
import { temporaryDirectory } from '#lab';
import type { Sample } from '../engine/contenders.ts';
import { contendersOf, measure } from '../engine/contenders.ts';
import { meanInputBytes } from '../engine/questions.ts';
import { packageCount } from '../engine/rego.ts';
import { areaCount, generateRules } from '../engine/rules.ts';
import { loadSallyport } from '../engine/sallyport.ts';
import type { Subject } from '../engine/subject.ts';
import type { Lane, LaneOptions, LaneResult, Metric } from '../lane.ts';

const ruleCounts = [10, 100, 1000, 10_000] as const;
/** The memo is asked with so many. */
const compared = 1000;

type Samples = ReadonlyMap<string, readonly Sample[]>;

export const engineLane: Lane = {
  about: 'decide() with 10 to 10,000 rules',
  run,
};

async function run({ quick, say }: LaneOptions): Promise<LaneResult> {
  const decisions = quick ? 2000 : 20_000;
  await using directory = await temporaryDirectory('sallyport-bench-');
  const compiler = new Compiler({ cacheDirectory: join(directory.path, 'compiled') });
  try {
    const own = new Map<number, Subject>();
    for (const count of ruleCounts) {
      own.set(count, await loadSallyport(compiler, generateRules(count)));
      say(`${count} rules are loaded`);
    }
    const samples = await measure(await contendersOf({ own, peers: [], compared }, decisions), say);
    return {
      metrics: ownMetrics(samples),
      facts: { decisions, ...factsOf() },
      steady: (name) => name.endsWith('.p50_us'),
    };
  } finally {
    await compiler.close();
  }
}

function ownMetrics(samples: Samples): readonly Metric[] {
  const p50Of = (name: string): Metric => ({
    name: `${name}.p50_us`,
    samples: samples.get(name)!.map(({ p50 }) => p50),
  });
  const p99Of = (name: string): Metric => ({
    name: `${name}.p99_us`,
    samples: samples.get(name)!.map(({ p99 }) => p99),
  });
  const names = ruleCounts.map((count) => `rules${count}`);
  return [...names.flatMap((name) => [p50Of(name), p99Of(name)]), p50Of('memo')];
}

function factsOf(): LaneResult['facts'] {
  return {
    input_bytes: meanInputBytes(areaCount(compared)),
    rules_in_packages: ruleCounts.map((count) => `${count} in ${packageCount(count)}`).join(', '),
  };
}

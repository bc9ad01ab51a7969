// Lane `engine`: what one decision costs a host, by the number of rules that are loaded.

import { join } from 'node:path';

import type { DecisionId } from '#engine';
import { Compiler, PolicyEngine, decisionId, defaultLimits } from '#engine';
import { temporaryDirectory } from '#lab';
import { inputBytes, session, statements } from '../engine/questions.ts';
import { generateRules, packageCount } from '../engine/rules.ts';
import type { Lane, LaneOptions, LaneResult, Metric } from '../lane.ts';
import { percentile } from '../statistics.ts';

const ruleCounts = [10, 100, 1000] as const;
const rounds = 5;
const now = 1_790_000_123_456;

interface Subject {
  readonly name: string;
  readonly engine: PolicyEngine;
}

interface Sample {
  readonly p50Us: number;
  readonly p99Us: number;
}

export const engineLane: Lane = {
  about: 'decide() with 10, 100 and 1000 rules, for a 0.75 KB input',
  run,
};

async function run({ quick, say }: LaneOptions): Promise<LaneResult> {
  const decisions = quick ? 5_000 : 50_000;
  await using directory = await temporaryDirectory('sallyport-bench-');
  const compiler = new Compiler({ cacheDirectory: join(directory.path, 'compiled') });
  try {
    const subjects: Subject[] = [];
    for (const rules of ruleCounts) {
      subjects.push({ name: `rules${rules}`, engine: await load(compiler, rules) });
    }
    subjects.forEach(({ engine }) => decideMany(engine, decisions));
    const samples = new Map(subjects.map(({ name }) => [name, [] as Sample[]]));
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, engine } of subjects) {
        const sample = decideMany(engine, decisions);
        samples.get(name)?.push(sample);
        say(`${name}: p50 ${sample.p50Us.toFixed(2)} µs, p99 ${sample.p99Us.toFixed(2)} µs`);
      }
    }
    const packages = ruleCounts.map((rules) => `${rules} in ${packageCount(rules)}`).join(', ');
    const facts = { input_bytes: inputBytes(now), rules_in_packages: packages, rounds, decisions };
    const steady = (name: string): boolean => name.endsWith('.p50_us');
    return { metrics: [...samples].flatMap(metricsOf), facts, steady };
  } finally {
    await compiler.close();
  }
}

async function load(compiler: Compiler, rules: number): Promise<PolicyEngine> {
  let count = 0;
  const nextDecisionId = (): DecisionId => decisionId(`d-bench-${(count += 1).toString(36)}`);
  const engine = new PolicyEngine({
    compiler,
    limits: defaultLimits,
    now: () => now,
    nextDecisionId,
  });
  const outcome = await engine.load(generateRules(rules));
  if (outcome.kind !== 'loaded') throw new Error(JSON.stringify(outcome));
  for (const statement of statements) {
    const { verdict, reasons } = engine.decide(statement, session);
    if (verdict !== 'allow')
      throw new Error(`${rules} rules: ${verdict} ${JSON.stringify(reasons)}`);
  }
  return engine;
}

function decideMany(engine: PolicyEngine, decisions: number): Sample {
  const times = new Float64Array(decisions);
  for (let index = 0; index < decisions; index += 1) {
    const statement = statements[index % statements.length];
    if (statement === undefined) continue;
    const start = performance.now();
    engine.decide(statement, session);
    times[index] = (performance.now() - start) * 1000;
  }
  times.sort();
  return { p50Us: percentile(times, 0.5), p99Us: percentile(times, 0.99) };
}

function metricsOf([name, samples]: [string, Sample[]]): readonly Metric[] {
  return [
    { name: `${name}.p50_us`, samples: samples.map(({ p50Us }) => p50Us) },
    { name: `${name}.p99_us`, samples: samples.map(({ p99Us }) => p99Us) },
  ];
}

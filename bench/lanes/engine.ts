// Lane `engine`: what one decision costs a host, by the number of rules that are loaded, and beside other policy engines.

import { join } from 'node:path';

import { Compiler } from '#engine';
import { temporaryDirectory } from '#lab';
import toolchain from '../../engine/policy/compiler/generated/compiler.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import type { Tally } from '../engine/agreement.ts';
import { proveAgreement } from '../engine/agreement.ts';
import { loadCasbin } from '../engine/casbin.ts';
import { loadCedar } from '../engine/cedar.ts';
import type { Sample } from '../engine/contenders.ts';
import { contendersOf, measure } from '../engine/contenders.ts';
import { startOpaGo } from '../engine/opa-go.ts';
import { meanInputBytes } from '../engine/questions.ts';
import { packageCount } from '../engine/rego.ts';
import { areaCount, generateRules } from '../engine/rules.ts';
import { loadSallyport } from '../engine/sallyport.ts';
import type { Subject } from '../engine/subject.ts';
import type { Lane, LaneOptions, LaneResult, Metric } from '../lane.ts';
import { spreadOf } from '../statistics.ts';

const ruleCounts = [10, 100, 1000, 10_000] as const;
/** Peers get as many rules as this, and the memo is asked with them. */
const compared = 1000;

type Samples = ReadonlyMap<string, readonly Sample[]>;

export const engineLane: Lane = {
  about: 'decide() with 10 to 10,000 rules, and OPA, Cedar and casbin with 1,000',
  run,
};

async function run({ quick, say }: LaneOptions): Promise<LaneResult> {
  const decisions = quick ? 2000 : 20_000;
  const proofs = quick ? 1000 : 10_000;
  await using directory = await temporaryDirectory('sallyport-bench-');
  const compiler = new Compiler({ cacheDirectory: join(directory.path, 'compiled') });
  try {
    const own = new Map<number, Subject>();
    for (const count of ruleCounts) {
      own.set(count, await loadSallyport(compiler, generateRules(count)));
      say(`${count} rules are loaded`);
    }
    const rules = generateRules(compared);
    await using opaGo = await startOpaGo(rules, { directory: directory.path, say });
    const peers = [...(opaGo ? [opaGo] : []), loadCedar(rules), await loadCasbin(rules)];
    const options = { count: proofs, areas: areaCount(compared) };
    const tally = await proveAgreement([own.get(compared)!, ...peers], options);
    say(`equal answers to ${proofs} questions: ${tallyText(tally)}`);
    const samples = await measure(await contendersOf({ own, peers, compared }, decisions), say);
    return {
      metrics: [...ownMetrics(samples), ...ratioMetrics(samples, peers)],
      facts: { decisions, equal_answers: tallyText(tally), ...factsOf(samples, peers) },
      steady: (name) => name.endsWith('.p50_us'),
    };
  } finally {
    await compiler.close();
  }
}

const tallyText = (tally: Tally): string =>
  Object.entries(tally)
    .map(([verdict, times]) => `${times} ${verdict}`)
    .join(', ');

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

/** Sallyport's median over the peer's, round by round: below 1 Sallyport is faster. */
function ratioMetrics(samples: Samples, peers: readonly Subject[]): readonly Metric[] {
  const own = samples.get(`rules${compared}`)!;
  return peers.map(({ name }) => ({
    name: `rules${compared}.p50_vs_${name}`,
    samples: samples.get(name)!.map(({ p50 }, round) => own[round]!.p50 / p50),
  }));
}

function factsOf(samples: Samples, peers: readonly Subject[]): LaneResult['facts'] {
  const medians = peers.map(({ name }) => {
    const { median } = spreadOf(samples.get(name)!.map(({ p50 }) => p50));
    return [`${name}_p50_us`, Math.round(median * 10) / 10] as const;
  });
  const { '@cedar-policy/cedar-wasm': cedar, casbin } = manifest.devDependencies;
  return {
    input_bytes: meanInputBytes(areaCount(compared)),
    rules_in_packages: ruleCounts.map((count) => `${count} in ${packageCount(count)}`).join(', '),
    ...Object.fromEntries(medians),
    versions: `opa ${toolchain.opa}, cedar-wasm ${cedar}, casbin ${casbin}`,
  };
}

// npm run differential -- [--pairs N] [--seed S]
// npm run differential -- shell [--runs N] [--seed S] [--shell bash|dash] [--line TEXT]: shell/main.ts
// npm run differential -- sqlsmith [--queries N] [--seed S]: sqlsmith.ts
// The engine against OPA's own evaluator on generated policies and inputs. Exits 1 on a difference, with a minimal case.

import { parseArgs } from 'node:util';

import { Compiler } from '../../engine/policy/compiler/index.ts';
import { inputDocument } from '../../engine/policy/input.ts';
import { minimised } from './minimise.ts';
import { filesOf } from './policy.ts';
import type { Finding, Tally } from './run.ts';
import { emptyTally, judgeSeed } from './run.ts';

const progressMilliseconds = 10_000;
/** Minimising takes many compilations; further findings are named by their seed. */
const shownMax = 3;

const share = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;

const listed = (counts: ReadonlyMap<string, number>, whole: number): string =>
  [...counts].map(([name, count]) => `${name} ${share(count, whole)}`).join(', ');

function say({ pairs, policies, accepted, verdicts }: Tally, seconds: number, found: number): void {
  const speed = `${(pairs / seconds).toFixed(0)} pairs/s`;
  console.log(
    `${pairs} pairs, ${policies} policies (${share(accepted, policies)} accepted), ${speed}, ${listed(verdicts, pairs)}, ${found} differences`,
  );
}

async function show(
  compiler: Compiler,
  { seed, policy, difference, failure }: Finding,
): Promise<void> {
  console.error(`error: seed ${seed}: ${failure ?? 'the engine and the reference differ'}`);
  if (difference === undefined) return;
  const least = await minimised(compiler, policy, difference);
  for (const { path, text } of filesOf(least.policy)) console.error(`--- ${path}\n${text}`);
  const { asked, engine, reference, input } = least.difference;
  console.error(
    `--- input\n${JSON.stringify(inputDocument(input.statement, input.session, input.now))}`,
  );
  console.error(`--- engine (${asked})\n${JSON.stringify(engine)}`);
  console.error(`--- reference\n${JSON.stringify(reference)}`);
}

function summary(tally: Tally): void {
  console.log(`conflicts that only OPA's index passes over: ${tally.hidden} pairs`);
  const missing = [...tally.taken].filter(([, count]) => count === 0).map(([name]) => name);
  console.log(`refused: ${listed(tally.refusals, tally.policies) || 'none'}`);
  console.log(`grammar: ${tally.taken.size} alternatives, ${missing.length} in no accepted policy`);
  if (missing.length > 0) console.log(`  ${missing.join(' ')}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    },
  });
  const [pairs, start] = [Number(values.pairs), Number(values.seed)];
  console.log(`seed ${start}`);
  const compiler = new Compiler({ idleMilliseconds: 60_000 });
  const tally = emptyTally();
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  let [found, said] = [0, 0];
  for (let seed = start; tally.pairs < pairs; seed += 1) {
    const finding = await judgeSeed(compiler, seed, tally);
    if (finding !== undefined) {
      found += 1;
      if (found <= shownMax) await show(compiler, finding);
      else console.error(`error: seed ${seed} differs as well`);
    }
    if (seconds() * 1000 - said < progressMilliseconds) continue;
    said = seconds() * 1000;
    say(tally, seconds(), found);
  }
  say(tally, seconds(), found);
  summary(tally);
  await compiler.close();
  return found === 0 ? 0 : 1;
}

const [what, ...options] = process.argv.slice(2);
switch (what) {
  case 'shell':
    process.exitCode = (await import('./shell/main.ts')).main(options);
    break;
  case 'sqlsmith':
    process.exitCode = await (await import('./sqlsmith.ts')).main();
    break;
  default:
    process.exitCode = await main();
}

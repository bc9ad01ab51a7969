// npm run fuzz -- [TARGET] [--seconds N] [--seed N] [--input HEX]
// Exits 1 on a finding, with what repeats it. `--seconds` is for each target.

import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { checkInput, inputMillisecondsMax, type Finding, type FuzzResult } from './fuzz.ts';
import { inputBytesMax } from './mutate.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';

/** A loaded machine may stop a thread for a while: only what lasts this much longer is called endless. */
const endlessMilliseconds = 10 * inputMillisecondsMax;

export interface WorkerOrder {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  /** Int32: count of inputs, length of the current one; then its bytes. */
  readonly shared: SharedArrayBuffer;
}

/** In a thread of its own, so that an input that never ends is seen and shown. */
const runTarget = (target: Target, seed: number, seconds: number): Promise<FuzzResult> => {
  const shared = new SharedArrayBuffer(8 + inputBytesMax);
  const counters = new Int32Array(shared, 0, 2);
  const workerData: WorkerOrder = { target: target.name, seed, seconds, shared };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    let seen = -1;
    const watchdog = setInterval(() => {
      const runs = Atomics.load(counters, 0);
      if (runs === seen) {
        const input = Buffer.from(new Uint8Array(shared, 8, Atomics.load(counters, 1)));
        finish({ runs, accepted: 0, finding: { input, error: new Error('does not end') } });
      }
      seen = runs;
    }, endlessMilliseconds);
    const finish = (result: FuzzResult): void => {
      clearInterval(watchdog);
      void worker.terminate();
      resolve(result);
    };
    worker.once('message', finish);
    worker.once('error', (cause) => {
      clearInterval(watchdog);
      reject(new Error('the fuzzer itself failed', { cause }));
    });
  });
};

const report = (target: Target, finding: Finding): void => {
  const input = Buffer.from(finding.input).toString('hex');
  console.error(`error: ${target.name}: ${String(finding.error)}`);
  console.error(`hint: npm run fuzz -- ${target.name} --input ${input}`);
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
      input: { type: 'string' },
    },
  });
  const [name] = positionals;
  const chosen = targets.filter((target) => name === undefined || target.name === name);
  if (chosen.length === 0) {
    console.error(`error: no fuzz target ${name ?? ''}`);
    console.error(`hint: one of ${targets.map((target) => target.name).join(' ')}`);
    return 2;
  }
  const seed = Number(values.seed);
  console.log(`seed ${seed}`);
  let findings = 0;
  for (const target of chosen) {
    let finding: Finding | undefined;
    if (values.input === undefined) {
      const result = await runTarget(target, seed, Number(values.seconds));
      finding = result.finding;
      console.log(`${target.name}: ${result.runs} inputs, ${result.accepted} accepted`);
    } else {
      const outcome = checkInput(target, Buffer.from(values.input, 'hex'), seed);
      console.log(`${target.name}: ${typeof outcome === 'object' ? 'finding' : outcome}`);
      if (typeof outcome === 'object') finding = outcome;
    }
    if (finding === undefined) continue;
    findings += 1;
    report(target, finding);
  }
  return findings === 0 ? 0 : 1;
};

process.exitCode = await main();

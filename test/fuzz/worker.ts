// One target's run in its own thread; test/fuzz/main.ts watches it.

import { strict as assert } from 'node:assert';
import { parentPort, workerData } from 'node:worker_threads';
import { fuzz } from './fuzz.ts';
import type { WorkerOrder } from './main.ts';
import { targets } from './targets.ts';

const order = workerData as WorkerOrder;
const target = targets.find(({ name }) => name === order.target);
assert(target !== undefined && parentPort !== null);

const counters = new Int32Array(order.shared, 0, 2);
const bytes = new Uint8Array(order.shared, 8);

const result = fuzz(target, {
  seed: order.seed,
  runsMax: Infinity,
  deadline: performance.now() + order.seconds * 1000,
  onInput: (input) => {
    bytes.set(input);
    Atomics.store(counters, 1, input.length);
    Atomics.add(counters, 0, 1);
  },
});
const { finding } = result;
parentPort.postMessage({
  ...result,
  finding: finding && { input: finding.input, error: String(finding.error) },
});

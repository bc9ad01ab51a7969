// Metered policies answer what they answered; those that would not end do.

import { Worker } from 'node:worker_threads';

import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { generateRules } from '../../../../bench/engine/rules.ts';
import type { PolicyFile } from '../../../../engine/policy/compiler/index.ts';
import type { WorkerAnswer } from '../../../../engine/policy/compiler/protocol.ts';
import { setup } from '../../../../engine/policy/compiler/toolchain-setup.ts';
import { isMetered, meter } from '../../../../engine/policy/metering/index.ts';
import { PolicyError } from '../../../../engine/model/index.ts';
import { between, seededRandom } from '../../../support/random.ts';
import { policyInput } from '../compiler/policy-inputs.ts';
import { compiled, compiler, load, rule, shop } from '../compiler/support.ts';

afterAll(() => compiler.close());

/** Compiles what the accepted language has no words for. */
async function compiledRaw(files: readonly PolicyFile[], builtin: string): Promise<Uint8Array> {
  const url = new URL('../../../../engine/policy/compiler/worker.ts', import.meta.url);
  const worker = new Worker(url);
  const ask = (request: object) =>
    new Promise<WorkerAnswer>((resolve) => {
      worker.once('message', resolve);
      worker.postMessage(JSON.stringify(request));
    });
  const builtins = [...setup.builtins, builtin].sort();
  await ask({ op: 'setup', setup: { ...setup, builtins } });
  const { response, wasm } = await ask({ op: 'compile', files });
  await worker.terminate();
  if (wasm.length === 0) throw new Error(response);
  return wasm;
}

const bundles: readonly (readonly [string, readonly PolicyFile[]])[] = [
  ['the shop', shop],
  ['a hundred rules', generateRules(100)],
];

describe('a metered policy', () => {
  it.each(bundles)('answers as it did: %s', async (_name, files) => {
    const policy = await compiled(files);
    const plain = load(policy);
    const metered = load({ ...policy, wasm: meter(policy.wasm) });
    const counter = metered.wasmInstance.exports.sallyport_fuel;
    fc.assert(
      fc.property(policyInput, (input) => {
        counter.value = 10_000_000;
        expect(metered.evaluate(input)).toEqual(plain.evaluate(input));
        expect(counter.value).toBeLessThan(10_000_000);
      }),
      { numRuns: 300 },
    );
  });

  it('ends when a builtin does not, within a tenth of a second', async () => {
    const text = 'allow contains "x" if replace(input.principal.id, "", "y") == "z"';
    const wasm = meter(await compiledRaw(rule(text), 'replace'));
    const milliseconds = Array.from({ length: 3 }, () => {
      const { evaluate, counter } = endless(wasm);
      counter.value = 5_000_000;
      const start = performance.now();
      expect(evaluate).toThrow(WebAssembly.RuntimeError);
      expect(counter.value).toBe(-1);
      return performance.now() - start;
    });
    // The best of three: the machine may have been busy.
    expect(Math.min(...milliseconds)).toBeLessThan(100);
  });
});

function endless(wasm: Uint8Array) {
  const policy = load({ wasm, data: {} });
  const input = { nonce: 'n', kind: 'postgres', principal: { id: 'ada' } };
  return {
    evaluate: () => policy.evaluate(input),
    counter: policy.wasmInstance.exports.sallyport_fuel,
  };
}

describe('a damaged policy', () => {
  it('is refused, or metered into a module that the engine takes', async () => {
    const { wasm } = await compiled(shop);
    const random = seededRandom(4);
    let taken = 0;
    for (let run = 0; run < 400; run += 1) {
      const damaged = Uint8Array.from(wasm);
      damaged[between(random, 8, wasm.length - 1)] = between(random, 0, 255);
      try {
        const module = meter(damaged);
        expect(WebAssembly.validate(damaged)).toBe(true);
        expect(isMetered(new WebAssembly.Module(module))).toBe(true);
        taken += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(PolicyError);
      }
    }
    expect(taken).toBeGreaterThan(50);
  });
});

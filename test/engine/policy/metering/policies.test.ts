// Real policies and the meter: what the accepted language lets run away is ended, and what is damaged is refused.

import { afterAll, describe, expect, it } from '@jest/globals';

import { PolicyError } from '../../../../engine/model/index.ts';
import { fuelExport } from '../../../../engine/policy/metering/fuel.ts';
import { isMetered, meter } from '../../../../engine/policy/metering/index.ts';
import { between, seededRandom } from '../../../support/random.ts';
import { compiled, compiler, shop } from '../compiler/support.ts';

afterAll(() => compiler.close());

/** Its counter under another name, so that it can be metered as if it had none. */
function unmetered(wasm: Uint8Array): Uint8Array {
  const made = Buffer.from(wasm);
  made.write(fuelExport.toUpperCase(), made.indexOf(fuelExport));
  return made;
}

describe('a compiled policy', () => {
  it('is metered when it comes from the toolchain', async () => {
    const { wasm } = await compiled(shop);
    expect(isMetered(new WebAssembly.Module(wasm))).toBe(true);
    expect(() => meter(wasm)).toThrow(expect.objectContaining({ code: 'policy-load' }));
  });

  it('is refused when damaged, or metered into a module that the engine takes', async () => {
    const wasm = unmetered((await compiled(shop)).wasm);
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

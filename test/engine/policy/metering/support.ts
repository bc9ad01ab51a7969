// What the suites of the meter share: instances whose fuel can be counted.

import { fuelCounter, meter } from '../../../../engine/policy/metering/index.ts';

type Call = (...args: readonly number[]) => unknown;

export interface MeteredInstance {
  readonly counter: WebAssembly.Global;
  readonly call: (name: string, ...args: readonly number[]) => unknown;
  /** Calls an export with fuel that is enough for it and tells how much it took. */
  readonly fuelOf: (name: string, ...args: readonly number[]) => number;
}

const plenty = 10_000_000;

export function metered(wasm: Uint8Array, imports: object = {}): MeteredInstance {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(meter(wasm)), imports);
  const counter = fuelCounter(exports);
  const call = (name: string, ...args: readonly number[]) => (exports[name] as Call)(...args);
  return {
    counter,
    call,
    fuelOf(name, ...args) {
      counter.value = plenty;
      call(name, ...args);
      return plenty - counter.value;
    },
  };
}

// The meter: what it takes was valid, what it gives is, and that ends with its fuel whatever is called.

import { strict as assert } from 'node:assert';
import { PolicyError } from '../../../engine/model/index.ts';
import { fuelCounter, isMetered, meter } from '../../../engine/policy/metering/index.ts';
import type { Target } from '../target.ts';

const fuel = 2_000;
/** It ended, which is all that is asked: by its fuel, its own trap, too deep a stack, or an argument that was no i64. */
const assertTrap = (error: unknown): void => {
  const ends = [WebAssembly.RuntimeError, RangeError, TypeError, SyntaxError];
  assert(
    ends.some((end) => error instanceof end),
    String(error),
  );
};

/** Calls every function that the module exports. */
const runAll = (module: WebAssembly.Module): void => {
  let exports;
  try {
    ({ exports } = new WebAssembly.Instance(module));
  } catch (error) {
    // Its start function trapped, or a segment lies outside.
    assertTrap(error);
    return;
  }
  const counter = fuelCounter(exports);
  for (const exported of Object.values(exports)) {
    if (typeof exported !== 'function') continue;
    counter.value = fuel;
    try {
      (exported as (...args: readonly unknown[]) => unknown)(9, 9, 9);
    } catch (error) {
      assertTrap(error);
    }
    assert(counter.value < fuel);
  }
};

const checkMeter = (input: Buffer): void => {
  const metered = meter(input);
  assert(WebAssembly.validate(input));
  assert(WebAssembly.validate(metered));
  const module = new WebAssembly.Module(metered);
  assert(isMetered(module));
  if (WebAssembly.Module.imports(module).length === 0) runAll(module);
};

export const meterTarget: Target = {
  name: 'meter',
  check: checkMeter,
  isRefusal: (error) => error instanceof PolicyError && error.code === 'policy-load',
};

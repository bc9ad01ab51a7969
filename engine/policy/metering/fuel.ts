// The counter of a metered module, seen from its host.

import { PolicyError } from '../../model/index.ts';

export const fuelExport = 'sallyport_fuel';

/** What `start` and the calls before the host first fills the counter may use: OPA's modules take 4,000. */
export const initialFuel = 1_000_000;

/**
 * What one `memory.grow` costs, whatever it asks for. V8 takes about 0.4 ms for it, in which loops turn some hundred
 * thousand times: at the price of a step, a policy that allocates page by page would run forty times as long as others.
 */
export const growthFuel = 100_000;

/** Whether a module has the counter: one without must not be instantiated to judge. */
export const isMetered = (module: WebAssembly.Module): boolean =>
  WebAssembly.Module.exports(module).some(
    ({ name, kind }) => name === fuelExport && kind === 'global',
  );

/**
 * The counter of an instance. Its `value` is what the next calls may use together, at most 2^31 - 1; below zero, a call
 * was ended for want of fuel. A million lasts for half a millisecond to three, up to five before V8 has optimised the code.
 *
 * @throws PolicyError `policy-load` for the exports of a module that is not metered.
 */
export function fuelCounter(exports: Readonly<Record<string, unknown>>): WebAssembly.Global {
  const counter = exports[fuelExport];
  if (counter instanceof WebAssembly.Global) return counter;
  throw new PolicyError('policy-load', 'the compiled policy is not metered');
}

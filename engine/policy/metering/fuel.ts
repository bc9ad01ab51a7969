// The counter of a metered module, seen from its host.

import { PolicyError } from '../../model/index.ts';

export const fuelExport = 'sallyport_fuel';

/** What instantiation may use before the host has filled the counter: `start` and no more. */
export const initialFuel = 1_000_000;

/**
 * What one `memory.grow` costs, whatever it asks for: V8 takes some 0.4 ms, in which loops turn about as often. Without it a
 * policy that allocates page by page runs for two seconds on fuel for fifty milliseconds.
 */
export const growthFuel = 100_000;

/** The most that the counter holds. */
export const fuelMax = 2 ** 31 - 1;

/** Whether a module has the counter: one without must not be instantiated to judge. */
export const isMetered = (module: WebAssembly.Module): boolean =>
  WebAssembly.Module.exports(module).some(
    ({ name, kind }) => name === fuelExport && kind === 'global',
  );

/**
 * The counter of an instance. Its `value` is what the next calls may use together, at most `fuelMax`; below zero, a call was
 * ended for want of fuel.
 *
 * @throws PolicyError `policy-load` for the exports of a module that is not metered.
 */
export function fuelCounter(exports: Readonly<Record<string, unknown>>): WebAssembly.Global {
  const counter = exports[fuelExport];
  if (counter instanceof WebAssembly.Global) return counter;
  throw new PolicyError('policy-load', 'the compiled policy is not metered');
}

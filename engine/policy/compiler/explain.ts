// Evaluates an explaining module: the decision and the places of the contributions that fired.

import type { JsonObject } from '../../model/index.ts';
import { PolicyError, defaultLimits } from '../../model/index.ts';
import { makeImage } from '../module/image.ts';
import { PolicyModule } from '../module/policy-module.ts';
import type { Explanation, FiredRule } from './protocol.ts';

/** A module with both entrypoints and its data in memory. */
export interface ExplainingModule {
  readonly explain: (input: JsonObject) => Explanation;
}

const empty = { steady: {}, own: {}, bytes: 'inputBytesMax' } as const;

/**
 * @param data As in `CompiledPolicy`.
 * @throws PolicyError `policy-load`; `explain` throws `policy-evaluate` or `policy-result`.
 */
export function explainingModule(bytes: Uint8Array, data: string): ExplainingModule {
  const wasm = compiled(bytes);
  const image = makeImage(wasm, data, defaultLimits.policyMemoryBytesMax);
  const module = PolicyModule.load(wasm, image, explainingLimits);
  const decision = module.entrypoint('sallyport/decision');
  const rules = module.entrypoint('sallyport/fired/rules');
  return {
    explain({ nonce = '', ...input }) {
      const varying = JSON.stringify(input).slice(1, -1);
      const ask = (entrypoint: number) => module.ask({ ...empty, entrypoint, varying }, resultOf);
      const result = ask(decision) as JsonObject | undefined;
      const fired = ((ask(rules) ?? []) as readonly FiredRule[]).toSorted(byPlace);
      // The module was given a nonce of its own.
      return result === undefined ? { fired } : { result: { ...result, nonce }, fired };
    },
  };
}

/** Nobody waits behind it, and every rule of the bundle is tried. */
const explainingLimits = {
  ...defaultLimits,
  inputBytesMax: 16 * defaultLimits.inputBytesMax,
  policyStepsMax: 20 * defaultLimits.policyStepsMax,
};

function compiled(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw new PolicyError('policy-load', 'the compiled policy is no WebAssembly', { cause });
  }
}

function resultOf(answer: string): unknown {
  const [first] = JSON.parse(answer) as readonly { readonly result: unknown }[];
  return first?.result;
}

const byPlace = (one: FiredRule, other: FiredRule): number =>
  one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1;

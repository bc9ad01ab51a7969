// Evaluates an explaining module: the decision and the places of the contributions that fired.

import * as sdk from '@open-policy-agent/opa-wasm';

import type { JsonObject } from '../../model/index.ts';
import { PolicyError } from '../../model/index.ts';
import type { Explanation, FiredRule } from './protocol.ts';

// The SDK's ES module has one function by name and the rest under `default`; its types say otherwise.
const { loadPolicySync } = (sdk as unknown as { readonly default: typeof sdk }).default;

interface LoadedModule {
  setData(data: JsonObject): void;
  evaluate(input: JsonObject, entrypoint: string): readonly { readonly result: unknown }[];
}

/** A module with both entrypoints and its data in memory. */
export interface ExplainingModule {
  readonly explain: (input: JsonObject) => Explanation;
}

/** @throws PolicyError `policy-load`; `explain` throws `policy-evaluate`. */
export function explainingModule(wasm: Uint8Array, data: JsonObject): ExplainingModule {
  const module = attempt('policy-load', () => {
    const loaded = loadPolicySync(new Uint8Array(wasm)) as unknown as LoadedModule;
    loaded.setData(data);
    return loaded;
  });
  const ask = (input: JsonObject, entrypoint: string) =>
    attempt('policy-evaluate', () => module.evaluate(input, entrypoint)[0]?.result);
  return {
    explain(input) {
      const result = ask(input, 'sallyport/decision') as JsonObject | undefined;
      const fired = (ask(input, 'sallyport/fired/rules') ?? []) as readonly FiredRule[];
      const sorted = fired.toSorted(byPlace);
      return result === undefined ? { fired: sorted } : { result, fired: sorted };
    },
  };
}

const byPlace = (one: FiredRule, other: FiredRule): number =>
  one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1;

// The SDK throws texts as well as errors.
function attempt<T>(code: 'policy-load' | 'policy-evaluate', action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new PolicyError(code, `the policy cannot be explained: ${String(cause)}`, { cause });
  }
}

// The part of a compiled policy's ABI that is used here (OPA documentation, "WebAssembly", ABI 1.2), and its loading by
// the SDK, which throws texts as well as errors.

import * as sdk from '@open-policy-agent/opa-wasm';

import { PolicyError } from '../../model/index.ts';
import { isMetered } from '../metering/index.ts';

// The SDK's ES module exports this function only inside its default export, which its types leave out.
const { loadPolicySync } = (sdk as unknown as { readonly default: typeof sdk }).default;

export const pageBytes = 64 * 1024;
const alignment = 8;
const minorVersionMin = 2;

export type Address = number;

/** Objects and texts are addresses in the module's memory. */
export interface PolicyExports extends Readonly<Record<string, unknown>> {
  readonly opa_heap_ptr_get: () => Address;
  readonly opa_heap_ptr_set: (address: Address) => void;
  /** The value of JSON text; its strings stay where the text is. 0 when it is malformed. */
  readonly opa_json_parse: (text: Address, bytes: number) => Address;
  /** As `opa_json_parse`; sets are written `{a, b}`. */
  readonly opa_value_parse: (text: Address, bytes: number) => Address;
  readonly opa_json_dump: (value: Address) => Address;
  /** Puts a value into an object under a path, which is an array. 0 on success. */
  readonly opa_value_add_path: (object: Address, path: Address, value: Address) => number;
  readonly opa_eval_ctx_new: () => Address;
  readonly opa_eval_ctx_set_input: (context: Address, value: Address) => void;
  readonly opa_eval_ctx_set_data: (context: Address, value: Address) => void;
  readonly opa_eval_ctx_set_entrypoint: (context: Address, entrypoint: number) => void;
  readonly opa_eval_ctx_get_result: (context: Address) => Address;
  readonly eval: (context: Address) => number;
  readonly builtins: () => Address;
}

export interface PolicyInstance {
  readonly mem: WebAssembly.Memory;
  readonly wasmInstance: { readonly exports: PolicyExports };
  readonly entrypoints: Readonly<Record<string, number>>;
  readonly minorVersion: number;
}

export interface MemoryBounds {
  readonly initialBytes: number;
  readonly maximumBytes: number;
}

/** @throws PolicyError `policy-load` when the module does not instantiate, is of an old ABI, is not metered or needs its host. */
export function loadInstance(wasm: WebAssembly.Module, bounds: MemoryBounds): PolicyInstance {
  // Its start would run before anything else is asked, for ever.
  if (!isMetered(wasm)) throw new PolicyError('policy-load', 'the compiled policy is not metered');
  const maximum = Math.floor(bounds.maximumBytes / pageBytes);
  const initial = Math.min(Math.ceil(bounds.initialBytes / pageBytes), maximum);
  let instance: PolicyInstance;
  try {
    instance = loadPolicySync(wasm, { initial, maximum });
  } catch (cause) {
    throw new PolicyError('policy-load', `the policy does not load: ${String(cause)}`, { cause });
  }
  if (instance.minorVersion < minorVersionMin) {
    throw new PolicyError('policy-load', 'the module speaks an old ABI');
  }
  // An imported builtin would run in the SDK, whose answers differ from OPA's, or be missing.
  const names = builtinsOf(instance);
  if (names.length > 0) {
    throw new PolicyError('policy-load', `the module imports builtins: ${names.join(', ')}`);
  }
  return instance;
}

function builtinsOf({ mem, wasmInstance: { exports } }: PolicyInstance): readonly string[] {
  const text = readText(mem, exports.opa_json_dump(exports.builtins()));
  return Object.keys(JSON.parse(text) as Readonly<Record<string, number>>);
}

/** The C string at an address. */
export function readText(memory: WebAssembly.Memory, address: Address): string {
  const bytes = Buffer.from(memory.buffer);
  return bytes.toString('utf8', address, bytes.indexOf(0, address));
}

export const align = (address: Address): Address => Math.ceil(address / alignment) * alignment;

// The one adapter between Sallyport and a compiled policy. The SDK loads the module; evaluation goes to
// the module's own ABI (OPA documentation, "WebAssembly", ABI 1.2), because the SDK's `evaluate` turns
// malformed input into an undefined one without an error, and an allow-unless-denied policy then allows.

import { randomBytes } from 'node:crypto';

import * as sdk from '@open-policy-agent/opa-wasm';

import type { JsonObject } from '../model/index.ts';
import { PolicyError } from '../model/index.ts';
import type { Ruling } from './result.ts';
import { parseRuling } from './result.ts';

// The SDK's ES module exports this function only inside its default export, which its types leave out.
const { loadPolicySync } = (sdk as unknown as { readonly default: typeof sdk }).default;

const pageBytes = 64 * 1024;
const memoryPagesMin = 16;
/** 256 MiB: what a policy with its data may ever use. */
const memoryPagesMax = 4096;
/** What parsed JSON takes inside the module, as a multiple of its text. */
const dataExpansion = 18;
export const entrypoint = 'sallyport/decision';

interface PolicyExports {
  /** reserved 0, entrypoint, data, input, input bytes, heap, format 0 (JSON) → address of a C string. */
  readonly opa_eval: (...args: readonly number[]) => number;
  readonly builtins: () => number;
  readonly opa_json_dump: (address: number) => number;
}

interface LoadedPolicy {
  readonly mem: WebAssembly.Memory;
  readonly wasmInstance: { readonly exports: PolicyExports };
  readonly dataAddr: number;
  readonly dataHeapPtr: number;
  readonly entrypoints: Readonly<Record<string, number>>;
  readonly minorVersion: number;
  setData(data: JsonObject): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** A compiled policy with its data in memory, ready to judge. */
export class PolicyModule {
  readonly #policy: LoadedPolicy;
  readonly #entrypoint: number;
  readonly #inputBytesMax: number;
  readonly #nonces = nonceSource();

  private constructor(policy: LoadedPolicy, entrypointId: number, inputBytesMax: number) {
    this.#policy = policy;
    this.#entrypoint = entrypointId;
    this.#inputBytesMax = inputBytesMax;
  }

  /** @throws PolicyError `policy-load` when the module cannot be trusted to evaluate. */
  static load(
    wasm: WebAssembly.Module,
    data: JsonObject,
    options: { readonly inputBytesMax: number },
  ): PolicyModule {
    const dataBytes = JSON.stringify(data).length * dataExpansion;
    const initial = Math.min(memoryPagesMin + Math.ceil(dataBytes / pageBytes), memoryPagesMax);
    let policy: LoadedPolicy;
    try {
      policy = loadPolicySync(wasm, {
        initial,
        maximum: memoryPagesMax,
      });
      policy.setData(data);
    } catch (cause) {
      throw new PolicyError('policy-load', `the policy does not load: ${String(cause)}`, { cause });
    }
    const entrypointId = trustedEntrypoint(policy);
    return new PolicyModule(policy, entrypointId, options.inputBytesMax);
  }

  /**
   * Judges one input document.
   *
   * @throws PolicyError `policy-evaluate` (it trapped, aborted, or the input is too large) or
   *   `policy-result` (undefined or malformed result, or one that answers another evaluation). After a
   *   `policy-evaluate` the instance is in an unknown state and must not be used again.
   */
  evaluate(input: JsonObject): Ruling {
    const nonce = this.#nonces();
    const text = wellFormed(JSON.stringify({ ...input, nonce }));
    const answer = this.#run(text);
    try {
      return parseRuling(answer, nonce);
    } catch (cause) {
      if (cause instanceof PolicyError) throw cause;
      throw new PolicyError('policy-result', 'the policy answered no JSON', { cause });
    }
  }

  #run(text: string): string {
    const { mem, wasmInstance, dataAddr, dataHeapPtr } = this.#policy;
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.#makeRoom(dataHeapPtr + text.length * 3);
    const memory = new Uint8Array(mem.buffer);
    const { written } = encoder.encodeInto(text, memory.subarray(dataHeapPtr));
    if (written > this.#inputBytesMax) {
      throw new PolicyError('policy-evaluate', `the input has ${written} bytes, over the limit`);
    }
    try {
      const { opa_eval } = wasmInstance.exports;
      const heap = dataHeapPtr + written;
      const result = opa_eval(0, this.#entrypoint, dataAddr, dataHeapPtr, written, heap, 0);
      return readCString(mem, result);
    } catch (cause) {
      throw new PolicyError('policy-evaluate', `the policy failed: ${String(cause)}`, { cause });
    }
  }

  #makeRoom(bytes: number): void {
    const { mem } = this.#policy;
    const missing = bytes - mem.buffer.byteLength;
    if (missing <= 0) return;
    try {
      mem.grow(Math.ceil(missing / pageBytes));
    } catch (cause) {
      throw new PolicyError('policy-evaluate', 'the policy is out of memory', { cause });
    }
  }
}

/** @throws PolicyError `policy-load` unless the module needs nothing from its host. */
function trustedEntrypoint(policy: LoadedPolicy): number {
  if (policy.minorVersion < 2) throw new PolicyError('policy-load', 'the module speaks an old ABI');
  const { exports } = policy.wasmInstance;
  const imported = JSON.parse(
    readCString(policy.mem, exports.opa_json_dump(exports.builtins())),
  ) as Readonly<Record<string, number>>;
  // An imported builtin would run in the SDK, whose answers differ from OPA's, or be missing.
  const names = Object.keys(imported);
  if (names.length > 0) {
    throw new PolicyError('policy-load', `the module imports builtins: ${names.join(', ')}`);
  }
  const id = policy.entrypoints[entrypoint];
  if (id === undefined) throw new PolicyError('policy-load', `the module has no ${entrypoint}`);
  return id;
}

function readCString(memory: WebAssembly.Memory, address: number): string {
  const bytes = Buffer.from(memory.buffer);
  const end = bytes.indexOf(0, address);
  return decoder.decode(bytes.subarray(address, end));
}

/** JSON.stringify writes a lone surrogate as an escape, which OPA's parser would misread. */
function wellFormed(json: string): string {
  if (!json.includes('\\ud')) return json;
  return json.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, '$1\ufffd');
}

/** Values that no earlier or foreign evaluation could have been given. */
function nonceSource(): () => string {
  const prefix = randomBytes(9).toString('base64url');
  let count = 0;
  return () => `${prefix}.${(count += 1).toString(36)}`;
}

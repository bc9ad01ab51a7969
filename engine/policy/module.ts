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
/** Parts of sessions that are kept parsed, in memory of the module; over it they are parsed anew. */
const keptBytesMax = 4 * 1024 * 1024;
const rulingsMax = 1000;
const alignment = 8;
const nothing: JsonObject = {};
export const entrypoint = 'sallyport/decision';

type Address = number;

/** The part of OPA's ABI that is used here; objects and texts are addresses in the module's memory. */
interface PolicyExports {
  readonly opa_heap_ptr_get: () => Address;
  readonly opa_heap_ptr_set: (address: Address) => void;
  /** The value of JSON text; its strings stay where the text is. 0 when it is malformed. */
  readonly opa_json_parse: (text: Address, bytes: number) => Address;
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

interface KeptPart {
  readonly members: readonly { readonly path: Address; readonly value: Address }[];
  /** Of their JSON text. */
  readonly bytes: number;
}

const align = (address: Address) => Math.ceil(address / alignment) * alignment;

/** A compiled policy with its data in memory, ready to judge. */
export class PolicyModule {
  readonly #policy: LoadedPolicy;
  readonly #entrypoint: number;
  readonly #inputBytesMax: number;
  readonly #nonces = nonceSource();
  #broken = false;
  /** By the text of the answer without its nonce. */
  readonly #rulings = new Map<string, Ruling>();
  readonly #steady = new Map<JsonObject, KeptPart>();
  /** Where the heap of the data ends and kept parts begin. */
  readonly #floor: Address;
  /** Where kept parts end: each evaluation starts its heap here. */
  #scratch: Address;

  private constructor(policy: LoadedPolicy, entrypointId: number, inputBytesMax: number) {
    this.#policy = policy;
    this.#entrypoint = entrypointId;
    this.#inputBytesMax = inputBytesMax;
    this.#floor = align(policy.dataHeapPtr);
    this.#scratch = this.#floor;
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

  /** It trapped or aborted in the middle of an evaluation, so its memory is in an unknown state. */
  get broken(): boolean {
    return this.#broken;
  }

  /**
   * Judges one input document: the members of `steady` and those of `varying`, JSON text without its braces, together.
   * `steady` is recognised as the same object, parsed once and must not change; `varying` may not have its keys.
   *
   * @throws PolicyError `policy-evaluate` (it trapped, aborted, or the input is too large) or
   *   `policy-result` (undefined or malformed result, or one that answers another evaluation). Once `broken`
   *   the instance must not be used again.
   */
  evaluate(varying: string, steady: JsonObject = nothing): Ruling {
    const nonce = this.#nonces();
    const answer = this.#run(`{"nonce":"${nonce}",${varying}}`, steady);
    // Answers repeat but for their nonces: what was parsed once need not be parsed again.
    const pattern = answer.replace(`"nonce":"${nonce}"`, '');
    const known = this.#rulings.get(pattern);
    if (known !== undefined && pattern.length < answer.length) return known;
    try {
      const ruling = parseRuling(answer, nonce);
      if (this.#rulings.size >= rulingsMax) this.#rulings.clear();
      this.#rulings.set(pattern, ruling);
      return ruling;
    } catch (cause) {
      if (cause instanceof PolicyError) throw cause;
      throw new PolicyError('policy-result', 'the policy answered no JSON', { cause });
    }
  }

  #run(text: string, steady: JsonObject): string {
    const { mem, wasmInstance, dataAddr } = this.#policy;
    const { exports } = wasmInstance;
    try {
      const { members, bytes } = this.#steady.get(steady) ?? this.#keep(steady);
      exports.opa_heap_ptr_set(this.#scratch);
      const input = this.#parse(text, this.#inputBytesMax - bytes).value;
      for (const { path, value } of members) {
        if (exports.opa_value_add_path(input, path, value) !== 0) throw new Error('no such path');
      }
      const context = exports.opa_eval_ctx_new();
      exports.opa_eval_ctx_set_input(context, input);
      exports.opa_eval_ctx_set_data(context, dataAddr);
      exports.opa_eval_ctx_set_entrypoint(context, this.#entrypoint);
      exports.eval(context);
      return readCString(mem, exports.opa_json_dump(exports.opa_eval_ctx_get_result(context)));
    } catch (cause) {
      // Ours are thrown around the module, and the next evaluation starts its heap anew.
      if (cause instanceof PolicyError) throw cause;
      this.#broken = true;
      throw new PolicyError('policy-evaluate', `the policy failed: ${String(cause)}`, { cause });
    }
  }

  /** Parses the members of a steady part and keeps them below the scratch heap. */
  #keep(steady: JsonObject): KeptPart {
    const { exports } = this.#policy.wasmInstance;
    if (this.#scratch - this.#floor > keptBytesMax) {
      this.#steady.clear();
      this.#scratch = this.#floor;
    }
    exports.opa_heap_ptr_set(this.#scratch);
    let bytes = 0;
    const members = Object.entries(steady).map(([name, member]) => {
      const path = this.#parse(JSON.stringify([name]), this.#inputBytesMax);
      const parsed = this.#parse(JSON.stringify(member), this.#inputBytesMax - bytes);
      bytes += path.bytes + parsed.bytes;
      return { path: path.value, value: parsed.value };
    });
    const kept = { members, bytes };
    this.#scratch = exports.opa_heap_ptr_get();
    this.#steady.set(steady, kept);
    return kept;
  }

  /** The value of a JSON text, written at the top of the heap. */
  #parse(json: string, bytesMax: number): { readonly value: Address; readonly bytes: number } {
    const { mem, wasmInstance } = this.#policy;
    const { exports } = wasmInstance;
    const text = wellFormed(json);
    const start = exports.opa_heap_ptr_get();
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.#makeRoom(start + text.length * 3 + alignment);
    const { written } = encoder.encodeInto(text, new Uint8Array(mem.buffer, start));
    if (written > bytesMax) {
      throw new PolicyError('policy-evaluate', `the input is over ${this.#inputBytesMax} bytes`);
    }
    exports.opa_heap_ptr_set(align(start + written));
    const value = exports.opa_json_parse(start, written);
    if (value === 0) throw new PolicyError('policy-evaluate', 'the input is no JSON');
    return { value, bytes: written };
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
  return bytes.toString('utf8', address, end);
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

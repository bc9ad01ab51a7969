// The one adapter between Sallyport and a compiled policy. Evaluation goes to the module's own ABI, because the SDK's
// `evaluate` turns malformed input into an undefined one without an error, and an allow-unless-denied policy then allows.

import { randomBytes } from 'node:crypto';

import type { JsonObject, Limits } from '../../model/index.ts';
import { PolicyError } from '../../model/index.ts';
import type { Address, PolicyInstance } from './abi.ts';
import { align, loadInstance, pageBytes } from './abi.ts';
import type { PolicyImage } from './image.ts';
import { depthOver } from './json-depth.ts';
import { fuelCounter } from '../metering/index.ts';

/** What an entrypoint is asked: one input document, each key of it in one part only. */
export interface Question {
  readonly entrypoint: number;
  /** The facts that stay; recognised as the same object, parsed once, and must not change. */
  readonly steady: JsonObject;
  /** What the gateway adds; kept as `steady` is. */
  readonly own: JsonObject;
  /** The facts that do not stay, as members of a JSON object. */
  readonly varying: string;
  /** What the facts may take together. */
  readonly bytes: 'inputBytesMax' | 'policyResultBytesMax';
}

/** Parts of sessions that are kept parsed, in memory of the module; over it they are parsed anew. */
const keptBytesMax = 4 * 1024 * 1024;

export type PolicyLimits = Pick<
  Limits,
  | 'inputBytesMax'
  | 'inputDepthMax'
  | 'policyStepsMax'
  | 'policyMemoryBytesMax'
  | 'policyResultBytesMax'
>;

interface KeptPart {
  readonly members: readonly { readonly path: Address; readonly value: Address }[];
  /** Of their JSON text. */
  readonly bytes: number;
}

/** A compiled policy with its data in memory, ready to be asked. */
export class PolicyModule {
  readonly #instance: PolicyInstance;
  readonly #fuel: WebAssembly.Global;
  readonly #limits: PolicyLimits;
  readonly #data: Address;
  readonly #nonces = nonceSource();
  readonly #kept = new Map<JsonObject, KeptPart>();
  /** Where the image ends and kept parts begin. */
  readonly #floor: Address;
  /** Where kept parts end: each evaluation starts its heap here. */
  #scratch: Address;
  #bytes: Buffer;
  #broken = false;

  private constructor(instance: PolicyInstance, image: PolicyImage, limits: PolicyLimits) {
    this.#instance = instance;
    this.#fuel = fuelCounter(instance.wasmInstance.exports);
    this.#limits = limits;
    this.#data = image.data;
    this.#bytes = Buffer.from(instance.mem.buffer);
    this.#floor = align(image.bytes.length);
    this.#scratch = this.#floor;
  }

  /** @throws PolicyError `policy-load` when the module cannot be trusted to evaluate. */
  static load(wasm: WebAssembly.Module, image: PolicyImage, limits: PolicyLimits): PolicyModule {
    const bounds = {
      initialBytes: image.memoryBytes,
      maximumBytes: limits.policyMemoryBytesMax,
    };
    const instance = loadInstance(wasm, bounds);
    new Uint8Array(instance.mem.buffer).set(image.bytes);
    return new PolicyModule(instance, image, limits);
  }

  /** It trapped or aborted in the middle of an evaluation, so its memory is in an unknown state. */
  get broken(): boolean {
    return this.#broken;
  }

  /** @throws PolicyError `policy-load` when there is none of this name. */
  entrypoint(name: string): number {
    const { entrypoints } = this.#instance;
    const id = Object.hasOwn(entrypoints, name) ? entrypoints[name] : undefined;
    if (id === undefined) throw new PolicyError('policy-load', `the module has no ${name}`);
    return id;
  }

  /**
   * Evaluates an entrypoint on the question's input and a nonce.
   *
   * @returns What `read` makes of the result set's JSON text and the nonce that was in the input.
   * @throws PolicyError `policy-evaluate` (it trapped, ran out of steps or memory, or input or result are over their
   *   limits). Once `broken` the instance must not be used again.
   */
  ask<T>(question: Question, read: (answer: string, nonce: string) => T): T {
    const nonce = this.#nonces();
    return read(this.#run(question, nonce), nonce);
  }

  #run({ entrypoint, steady, own, varying, bytes }: Question, nonce: string): string {
    const { exports } = this.#instance.wasmInstance;
    try {
      this.#fuel.value = this.#limits.policyStepsMax;
      this.#makeRoom();
      const bytesMax = this.#limits[bytes];
      // The gateway's own words are no facts of a caller's: no limit is for them.
      const added = this.#keep(own, Infinity);
      const kept = this.#keep(steady, bytesMax);
      exports.opa_heap_ptr_set(this.#scratch);
      const text = varying === '' ? `{"nonce":"${nonce}"}` : `{"nonce":"${nonce}",${varying}}`;
      const input = this.#parse(text, bytesMax - kept.bytes).value;
      for (const { members } of [added, kept]) {
        for (const { path, value } of members) {
          if (exports.opa_value_add_path(input, path, value) !== 0) throw new Error('no such path');
        }
      }
      const context = exports.opa_eval_ctx_new();
      exports.opa_eval_ctx_set_input(context, input);
      exports.opa_eval_ctx_set_data(context, this.#data);
      exports.opa_eval_ctx_set_entrypoint(context, entrypoint);
      exports.eval(context);
      return this.#read(exports.opa_json_dump(exports.opa_eval_ctx_get_result(context)));
    } catch (cause) {
      // Ours are thrown around the module, and the next evaluation starts its heap anew.
      if (cause instanceof PolicyError) throw cause;
      this.#broken = true;
      throw new PolicyError('policy-evaluate', `the policy failed: ${this.#trouble(cause)}`, {
        cause,
      });
    }
  }

  #trouble(cause: unknown): string {
    return this.#fuel.value < 0 ? 'it takes more than policyStepsMax' : String(cause);
  }

  /** Forgets kept parts when they take too much; not while an evaluation is being put together. */
  #makeRoom(): void {
    if (this.#scratch - this.#floor <= keptBytesMax) return;
    this.#kept.clear();
    this.#scratch = this.#floor;
  }

  /** Parses the members of a part and keeps them below the scratch heap. */
  #keep(part: JsonObject, bytesMax: number): KeptPart {
    const known = this.#kept.get(part);
    if (known !== undefined) return known;
    const { exports } = this.#instance.wasmInstance;
    exports.opa_heap_ptr_set(this.#scratch);
    let bytes = 0;
    const members = Object.entries(part).map(([name, member]) => {
      const path = this.#parse(JSON.stringify([name]), bytesMax - bytes);
      const parsed = this.#parse(JSON.stringify(member), bytesMax - bytes);
      bytes += path.bytes + parsed.bytes;
      return { path: path.value, value: parsed.value };
    });
    const kept = { members, bytes };
    this.#kept.set(part, kept);
    this.#scratch = align(exports.opa_heap_ptr_get());
    return kept;
  }

  #parse(json: string, bytesMax: number): { readonly value: Address; readonly bytes: number } {
    const { inputDepthMax } = this.#limits;
    const { exports } = this.#instance.wasmInstance;
    const text = wellFormed(json);
    if (text.length > bytesMax) throw over('input', 'bytes', this.#limits.inputBytesMax);
    if (depthOver(text, inputDepthMax)) throw over('input', 'levels', inputDepthMax);
    const start = align(exports.opa_heap_ptr_get());
    // Each UTF-16 unit takes up to three bytes of UTF-8.
    const bytes = this.#room(start + text.length * 3);
    const written = bytes.write(text, start, 'utf8');
    if (written > bytesMax) throw over('input', 'bytes', this.#limits.inputBytesMax);
    exports.opa_heap_ptr_set(align(start + written));
    const value = exports.opa_json_parse(start, written);
    if (value === 0) throw new PolicyError('policy-evaluate', 'the input is no JSON');
    return { value, bytes: written };
  }

  /** The result set: a C string. */
  #read(address: Address): string {
    const bytes = this.#room(0);
    const end = bytes.indexOf(0, address);
    const { policyResultBytesMax } = this.#limits;
    if (end - address > policyResultBytesMax) throw over('result', 'bytes', policyResultBytesMax);
    return bytes.toString('utf8', address, end);
  }

  /** The memory as it is now, grown to hold this many bytes. */
  #room(size: number): Buffer {
    const { mem } = this.#instance;
    if (mem.buffer.byteLength < size) {
      try {
        mem.grow(Math.ceil((size - mem.buffer.byteLength) / pageBytes));
      } catch (cause) {
        throw new PolicyError('policy-evaluate', 'the policy is out of memory', { cause });
      }
    }
    // Growing, by the module too, gives the memory another buffer.
    if (this.#bytes.buffer !== mem.buffer) this.#bytes = Buffer.from(mem.buffer);
    return this.#bytes;
  }
}

const over = (what: 'input' | 'result', unit: 'bytes' | 'levels', max: number): PolicyError =>
  new PolicyError('policy-evaluate', `the ${what} is over ${max} ${unit}`);

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

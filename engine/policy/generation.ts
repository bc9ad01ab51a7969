// A loaded revision: judges inputs, and replaces its instance when an evaluation broke it.

import type { JsonObject, Revision } from '../model/index.ts';
import { PolicyError } from '../model/index.ts';
import type { CompiledPolicy } from './compiler/index.ts';
import { PolicyModule } from './module.ts';
import type { Ruling } from './result.ts';

export class Generation {
  readonly revision: Revision;
  readonly packages: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly loadedAt: number;
  readonly #load: () => PolicyModule;
  #module: PolicyModule;

  private constructor(policy: CompiledPolicy, load: () => PolicyModule, loadedAt: number) {
    this.revision = policy.revision;
    this.packages = policy.packages;
    this.loadedAt = loadedAt;
    this.#load = load;
    this.#module = load();
  }

  /** @throws PolicyError `policy-load` when the module does not instantiate or import nothing. */
  static async create(
    policy: CompiledPolicy,
    options: { readonly inputBytesMax: number; readonly now: number },
  ): Promise<Generation> {
    let wasm: WebAssembly.Module;
    try {
      wasm = await WebAssembly.compile(policy.wasm);
    } catch (cause) {
      throw new PolicyError('policy-load', 'the compiled policy is no WebAssembly', { cause });
    }
    const load = () => PolicyModule.load(wasm, policy.data, options);
    return new Generation(policy, load, options.now);
  }

  /** @throws PolicyError as `PolicyModule.evaluate`; the next evaluation is right again. */
  evaluate(varying: string, steady: JsonObject): Ruling {
    try {
      return this.#module.evaluate(varying, steady);
    } finally {
      // Input over the limit breaks nothing: callers must not be able to ask for a costly replacement at will.
      if (this.#module.broken) this.#module = this.#load();
    }
  }
}

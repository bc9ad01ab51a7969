// Policies in, compiled modules out: the Rego toolchain behind a content-addressed cache.

import { createHash } from 'node:crypto';

import type { JsonObject, Revision } from '../../model/index.ts';
import { PolicyError, revisionId } from '../../model/index.ts';
import { keepCached, readCache } from './cache.ts';
import type { ExplainingModule } from './explain.ts';
import { explainingModule } from './explain.ts';
import type {
  Diagnostic,
  Evaluation,
  Explanation,
  FormattedFile,
  PolicyFile,
  Routes,
  TestReport,
  ToolchainRequest,
  WorkerAnswer,
} from './protocol.ts';
import type { ToolchainOptions } from './toolchain.ts';
import { Toolchain } from './toolchain.ts';
import { toolchainHash } from './toolchain-setup.ts';

/** A bundle ready to be loaded. `sallyport/decision` rules on the `contributions` that a route's entrypoint answered. */
export interface CompiledPolicy {
  /** Content id of the rules, the data and the toolchain; tests do not change it. */
  readonly revision: Revision;
  readonly wasm: Uint8Array;
  /** The documents, as JSON with sets as `{a, b}`, to be in the module before it is asked. */
  readonly data: string;
  readonly routes: Routes;
  /** Packages that contribute to decisions, sorted. */
  readonly packages: readonly string[];
}

interface Refused {
  readonly ok: false;
  /** Sorted by file, line and column; never empty. */
  readonly diagnostics: readonly Diagnostic[];
}

export type CompileResult = { readonly ok: true; readonly policy: CompiledPolicy } | Refused;
export type TestRun = { readonly ok: true; readonly report: TestReport } | Refused;
export type FormatResult =
  { readonly ok: true; readonly files: readonly FormattedFile[] } | Refused;
export type EvaluateResult =
  { readonly ok: true; readonly evaluations: readonly Evaluation[] } | Refused;
export type ExplainResult = { readonly ok: true; readonly explanation: Explanation } | Refused;

export interface CompilerOptions extends Partial<ToolchainOptions> {
  /** Where compiled policies are kept between processes; without it nothing is kept. */
  readonly cacheDirectory?: string;
}

type Parsed<T> = T | { readonly diagnostics: readonly Diagnostic[] } | { readonly failed: string };

/**
 * The Rego toolchain, started when first needed.
 *
 * Every method throws PolicyError `compiler-failed` when the toolchain itself fails; mistakes in
 * policies are values.
 */
export class Compiler {
  readonly #toolchain: Toolchain;
  readonly #cacheDirectory: string | undefined;
  #explaining: { readonly key: string; readonly module: ExplainingModule } | undefined;

  constructor(options: CompilerOptions = {}) {
    this.#cacheDirectory = options.cacheDirectory;
    this.#toolchain = new Toolchain({
      idleMilliseconds: options.idleMilliseconds ?? 10_000,
      requestMilliseconds: options.requestMilliseconds ?? 60_000,
    });
  }

  /** Whether the toolchain is in memory. */
  get running(): boolean {
    return this.#toolchain.running;
  }

  /** Checks and compiles. `_test.rego` files take no part. */
  async compile(files: readonly PolicyFile[]): Promise<CompileResult> {
    const request = { op: 'compile', files: rulesOf(files) } as const;
    const answer = await this.#answer(request);
    const value = parse<Pick<CompiledPolicy, 'data' | 'packages' | 'routes'>>(answer);
    if ('diagnostics' in value) return { ok: false, ...value };
    const revision = revisionId(keyOf(request).slice(0, revisionDigits));
    return { ok: true, policy: { revision, wasm: answer.wasm, ...value } };
  }

  /** Runs every `test_` rule. Failing tests are results, not diagnostics. */
  async test(files: readonly PolicyFile[]): Promise<TestRun> {
    const value = parse<TestReport>(await this.#answer({ op: 'test', files: bundleOf(files) }));
    return 'diagnostics' in value ? { ok: false, ...value } : { ok: true, report: value };
  }

  /** The same files as `opa fmt` would write them; documents are left out. */
  async format(files: readonly PolicyFile[]): Promise<FormatResult> {
    const modules = bundleOf(files).filter((file) => file.path.endsWith('.rego'));
    const answer = await this.#toolchain.ask({ op: 'format', files: modules });
    const value = parse<readonly FormattedFile[]>(answer);
    return 'diagnostics' in value ? { ok: false, ...value } : { ok: true, files: value };
  }

  /**
   * The decision and the contributions that were made, by the compiled module. The module is cached as
   * `compile`'s is, so that explaining needs the toolchain once a revision.
   *
   * @throws PolicyError `policy-load` or `policy-evaluate` as well.
   */
  async explain(files: readonly PolicyFile[], input: JsonObject): Promise<ExplainResult> {
    const request = { op: 'compile-explaining', files: rulesOf(files) } as const;
    const key = keyOf(request);
    if (this.#explaining?.key !== key) {
      const answer = await this.#answer(request);
      const value = parse<Pick<CompiledPolicy, 'data'>>(answer);
      if ('diagnostics' in value) return { ok: false, ...value };
      this.#explaining = { key, module: explainingModule(answer.wasm, value.data) };
    }
    try {
      return { ok: true, explanation: this.#explaining.module.explain(input) };
    } catch (cause) {
      // The instance may be in any state.
      this.#explaining = undefined;
      throw cause;
    }
  }

  /** The same as `explain`, by OPA's own evaluator: the reference that compiled modules are held to. */
  async evaluate(files: readonly PolicyFile[], input: JsonObject): Promise<ExplainResult> {
    const request = { op: 'evaluate', files: rulesOf(files), input } as const;
    const value = parse<Explanation>(await this.#toolchain.ask(request));
    return 'diagnostics' in value ? { ok: false, ...value } : { ok: true, explanation: value };
  }

  /** As `evaluate`, for many inputs at once and without naming rules; in the order of the inputs. */
  async evaluateAll(
    files: readonly PolicyFile[],
    inputs: readonly JsonObject[],
  ): Promise<EvaluateResult> {
    const request = { op: 'evaluate-all', files: rulesOf(files), inputs } as const;
    type Evaluations = Omit<Extract<EvaluateResult, { readonly ok: true }>, 'ok'>;
    const value = parse<Evaluations>(await this.#toolchain.ask(request));
    return 'diagnostics' in value ? { ok: false, ...value } : { ok: true, ...value };
  }

  /** Ends the toolchain; requests under way are rejected. */
  close(): Promise<void> {
    return this.#toolchain.close();
  }

  async #answer(request: ToolchainRequest): Promise<Pick<WorkerAnswer, 'response'> & Wasm> {
    if (this.#cacheDirectory === undefined) return this.#toolchain.ask(request);
    const key = keyOf(request);
    const known = readCache(this.#cacheDirectory, key);
    if (known !== undefined) return known;
    const answer = await this.#toolchain.ask(request);
    if (!('failed' in (JSON.parse(answer.response) as object))) {
      keepCached(this.#cacheDirectory, key, answer);
    }
    return answer;
  }
}

interface Wasm {
  readonly wasm: Uint8Array;
}

const revisionDigits = 16;

const keyOf = (request: ToolchainRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([toolchainHash, request]))
    .digest('hex');

/** In one order, so that the order of reading a directory changes nothing. */
const bundleOf = (files: readonly PolicyFile[]): readonly PolicyFile[] =>
  files
    .map(({ path, text }) => ({ path, text }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));

const rulesOf = (files: readonly PolicyFile[]): readonly PolicyFile[] =>
  bundleOf(files).filter((file) => !file.path.endsWith('_test.rego'));

function parse<T extends object>(
  answer: Pick<WorkerAnswer, 'response'>,
): Exclude<Parsed<T>, { readonly failed: string }> {
  const value = JSON.parse(answer.response) as Parsed<T>;
  if ('failed' in value) {
    throw new PolicyError('compiler-failed', `the Rego toolchain failed: ${value.failed}`);
  }
  return value as Exclude<Parsed<T>, { readonly failed: string }>;
}

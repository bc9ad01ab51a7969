// Decisions: holds the generation in force, builds the input document, turns rulings into decisions.

import type {
  Decision,
  DecisionId,
  Limits,
  Obligations,
  Revision,
  Session,
  Statement,
} from '../model/index.ts';
import { PolicyError, unbounded } from '../model/index.ts';
import type { Compiler, Diagnostic, PolicyFile } from './compiler/index.ts';
import { Generation } from './generation.ts';
import type { Ruling } from './result.ts';

export type LoadOutcome =
  | { readonly kind: 'loaded'; readonly revision: Revision; readonly packages: readonly string[] }
  | { readonly kind: 'unchanged'; readonly revision: Revision }
  | { readonly kind: 'rejected'; readonly diagnostics: readonly Diagnostic[] };

export interface PolicyEngineOptions {
  readonly compiler: Pick<Compiler, 'compile' | 'test'>;
  readonly limits: Limits;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly nextDecisionId: () => DecisionId;
}

export class PolicyEngine {
  readonly #options: PolicyEngineOptions;
  #generation: Generation | undefined;
  #loads: Promise<unknown> = Promise.resolve();

  constructor(options: PolicyEngineOptions) {
    this.#options = options;
  }

  /** The generation in force; `undefined` before the first good bundle. */
  get generation():
    | Pick<Generation, 'revision' | 'packages' | 'loadedAt' | 'readsFact' | 'namesBelow'>
    | undefined {
    return this.#generation;
  }

  /**
   * Compiles, tests and loads a bundle, then swaps it in with one assignment. Anything wrong leaves the
   * generation in force as it is. One load follows the other, so that the bundle given last is the one in force.
   *
   * @throws PolicyError `policy-load` or `compiler-failed`.
   */
  load(files: readonly PolicyFile[]): Promise<LoadOutcome> {
    const load = this.#loads.then(() => this.#load(files));
    this.#loads = load.catch(() => undefined);
    return load;
  }

  async #load(files: readonly PolicyFile[]): Promise<LoadOutcome> {
    const { compiler, limits, now } = this.#options;
    const compiled = await compiler.compile(files);
    if (!compiled.ok) return { kind: 'rejected', diagnostics: compiled.diagnostics };
    const { revision } = compiled.policy;
    if (revision === this.#generation?.revision) return { kind: 'unchanged', revision };
    const failures = await this.#failedTests(files);
    if (failures.length > 0) return { kind: 'rejected', diagnostics: failures };
    this.#generation = await Generation.create(compiled.policy, { limits, now: now() });
    return { kind: 'loaded', revision, packages: compiled.policy.packages };
  }

  async #failedTests(files: readonly PolicyFile[]): Promise<readonly Diagnostic[]> {
    if (!files.some((file) => file.path.endsWith('_test.rego'))) return [];
    const tested = await this.#options.compiler.test(files);
    if (!tested.ok) return tested.diagnostics;
    return tested.report.results
      .filter((result) => result.outcome === 'fail' || result.outcome === 'error')
      .map((result) => ({
        code: 'policy-test-failed',
        message: `test ${result.name} of ${result.package} does not pass`,
        file: result.file,
        line: result.line,
        column: 0,
      }));
  }

  /** Judges one statement. Never throws: whatever goes wrong is a deny with its reason. */
  decide(statement: Statement, session: Session): Decision {
    const id = this.#options.nextDecisionId();
    const generation = this.#generation;
    if (generation === undefined) {
      const reason = { code: 'no-policy', message: 'no policy is loaded' } as const;
      return { id, revision: '', verdict: 'deny', reasons: [reason] };
    }
    const { revision } = generation;
    try {
      const ruling = generation.evaluate(statement, session, this.#options.now());
      const kept = statement.isBounded === true ? ruling : withoutBudget(ruling);
      return decisionOf(kept, id, revision);
    } catch (error) {
      const message = error instanceof PolicyError ? error.message : 'the policy failed';
      const reason = { code: 'policy-error', message } as const;
      return { id, revision, verdict: 'deny', reasons: [reason] };
    }
  }
}

/** An obligation that the host cannot meet is a deny. */
function withoutBudget(ruling: Ruling): Ruling {
  if (ruling.verdict === 'deny' || ruling.budget === unbounded) return ruling;
  const code = 'budget-unsupported';
  const units = Object.keys(ruling.budget).join(', ');
  const message = `the policy bounds ${units}, which cannot be counted here`;
  const hint = 'budgets are for statements of PostgreSQL';
  return { verdict: 'deny', reasons: [{ code, message, hint }] };
}

function decisionOf(ruling: Ruling, id: DecisionId, revision: Revision): Decision {
  const { verdict, reasons } = ruling;
  switch (verdict) {
    case 'allow':
      return { id, revision, verdict, reasons, obligations: obligationsOf(ruling) };
    case 'deny':
      return { id, revision, verdict, reasons };
    case 'hold':
      return {
        id,
        revision,
        verdict,
        reasons,
        requirements: ruling.requirements,
        ttlSeconds: ruling.ttlSeconds,
        obligations: obligationsOf(ruling),
      };
  }
}

const obligationsOf = (ruling: Exclude<Ruling, { verdict: 'deny' }>): Obligations => ({
  masks: ruling.masks,
  infer: ruling.infer,
  budget: ruling.budget,
});

// A loaded revision: judges statements, and replaces its instance when an evaluation broke it.
//
// A ruling takes two questions to the module. The route of the statement's kind answers with the contributions that were
// made; the resolver rules on those alone, so what it said once about the same ones stands.

import type { Revision, Session, Statement } from '../model/index.ts';
import { PolicyError } from '../model/index.ts';
import type { CompiledPolicy } from './compiler/index.ts';
import { imageOf } from './module/image-thread.ts';
import { Memo } from './memo.ts';
import type { PolicyLimits } from './module/policy-module.ts';
import { PolicyModule } from './module/policy-module.ts';
import type { Ruling } from './result.ts';
import { contributionsOf, parseRuling } from './result.ts';
import type { Route, SteadyPart } from './routing/route.ts';
import { RouteTable } from './routing/route.ts';
import { checkRoutes } from './routing/route-check.ts';

const resolver = 'sallyport/decision';
const rulingsMax = 1000;
const turn = (): Promise<unknown> => new Promise(setImmediate);
const empty = { steady: {}, own: {}, varying: '', bytes: 'policyResultBytesMax' } as const;

interface Parts {
  readonly policy: CompiledPolicy;
  readonly routes: RouteTable;
  readonly load: () => PolicyModule;
  readonly inputBytesMax: number;
  readonly now: number;
}

export class Generation {
  readonly revision: Revision;
  readonly packages: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly loadedAt: number;
  readonly #routes: RouteTable;
  readonly #load: () => PolicyModule;
  readonly #inputBytesMax: number;
  /** None when the last one broke and no other could be loaded: the next evaluation tries again. */
  #module: PolicyModule | undefined;
  readonly #resolver: number;
  readonly #entrypoints: ReadonlyMap<Route, number>;
  readonly #memo = new Memo();
  /** By the contributions, as JSON text. */
  readonly #rulings = new Map<string, Ruling>();

  private constructor({ policy, routes, load, inputBytesMax, now }: Parts) {
    this.revision = policy.revision;
    this.packages = policy.packages;
    this.loadedAt = now;
    this.#routes = routes;
    this.#load = load;
    this.#inputBytesMax = inputBytesMax;
    const module = load();
    this.#module = module;
    this.#resolver = module.entrypoint(resolver);
    const idOf = (route: Route) => module.entrypoint(route.entrypoint);
    this.#entrypoints = new Map(routes.all.map((route) => [route, idOf(route)]));
  }

  /** @throws PolicyError `policy-load` when the module does not instantiate, imports something or answers nonsense. */
  static async create(
    policy: CompiledPolicy,
    options: { readonly limits: PolicyLimits; readonly now: number },
  ): Promise<Generation> {
    const { limits, now } = options;
    let wasm: WebAssembly.Module;
    try {
      wasm = await WebAssembly.compile(policy.wasm);
    } catch (cause) {
      throw new PolicyError('policy-load', 'the compiled policy is no WebAssembly', { cause });
    }
    const memoryBytesMax = limits.policyMemoryBytesMax;
    const image = await imageOf({ wasm, data: policy.data, memoryBytesMax });
    const load = () => PolicyModule.load(wasm, image, limits);
    // Each step in a turn of its own: sessions are served in between.
    checkRoutes(policy.routes);
    await turn();
    const routes = new RouteTable(policy.routes);
    await turn();
    const { inputBytesMax } = limits;
    const generation = new Generation({ policy, routes, load, inputBytesMax, now });
    await generation.#smoke();
    return generation;
  }

  /** Asks every route once, and the resolver about what it answers, before anything depends on it. */
  async #smoke(): Promise<void> {
    for (const entrypoint of this.#entrypoints.values()) {
      try {
        const module = (this.#module ??= this.#load());
        this.#resolve(module, module.ask({ ...empty, entrypoint }, contributionsOf));
      } catch (cause) {
        throw new PolicyError('policy-load', 'the policy cannot judge an empty statement', {
          cause,
        });
      }
      await turn();
    }
  }

  /** Whether a rule about statements of this kind can read a fact, under any command. */
  readsFact(kind: string, name: string): boolean {
    return this.#routes.find({ kind }).readsFact(name);
  }

  /** The names of members, at any depth below a fact, that rules about this kind read by name. */
  namesBelow(kind: string, path: readonly string[]): ReadonlySet<string> {
    return this.#routes.find({ kind }).namesBelow(path);
  }

  /**
   * @param now In milliseconds since the Unix epoch.
   * @throws PolicyError `policy-evaluate` as `PolicyModule.ask`, or `policy-result` (undefined or malformed result, or
   *   one that answers another evaluation). The next evaluation is right again.
   */
  evaluate(statement: Statement, session: Session, now: number): Ruling {
    const route = this.#routes.find(statement);
    const steady = route.steady(session);
    const reads = route.reads(statement);
    // Facts that could change cannot be recognised.
    if (!reads.repeatable || !Object.isFrozen(statement.facts)) {
      return this.#judge(route, steady, statement, now);
    }
    const facts = reads.statementOnce(statement, this.#inputBytesMax);
    const clock = reads.clock(now);
    const known = this.#memo.recall(steady.input, facts, clock);
    if (known !== undefined) return known;
    const ruling = this.#judge(route, steady, statement, now);
    this.#memo.remember(steady.input, facts, clock, ruling);
    return ruling;
  }

  #judge(route: Route, steady: SteadyPart, statement: Statement, now: number): Ruling {
    const entrypoint = this.#entrypoints.get(route);
    if (entrypoint === undefined) throw new PolicyError('policy-evaluate', 'there is no route');
    const trial = route.trial(steady, statement);
    const module = (this.#module ??= this.#load());
    try {
      if (trial.idle) return this.#resolve(module, '[]');
      const varying = trial.varying(statement, now, this.#inputBytesMax);
      const { own } = trial;
      const question = {
        entrypoint,
        steady: steady.input,
        own,
        varying,
        bytes: 'inputBytesMax',
      } as const;
      return this.#resolve(module, module.ask(question, contributionsOf));
    } finally {
      // Input over the limit breaks nothing: callers must not be able to ask for a costly replacement at will.
      if (module.broken) this.#module = undefined;
    }
  }

  #resolve(module: PolicyModule, contributions: string): Ruling {
    const known = this.#rulings.get(contributions);
    if (known !== undefined) return known;
    const varying = `"contributions":${contributions}`;
    const question = { ...empty, entrypoint: this.#resolver, varying };
    const ruling = module.ask(question, parseRuling);
    if (this.#rulings.size >= rulingsMax) this.#rulings.clear();
    this.#rulings.set(contributions, ruling);
    return ruling;
  }
}

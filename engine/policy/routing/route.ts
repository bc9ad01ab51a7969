// The way of a kind's statements through a compiled policy: which entrypoint is asked, which rules it is to try, and what
// of the input is sent for them.

import type { Json, JsonObject, Session, Statement } from '../../model/index.ts';
import type { RouteSpec, Routes } from '../compiler/index.ts';
import { steadyInput } from '../input.ts';
import type { Wanted } from './projection.ts';
import { project, wantedOf } from './projection.ts';
import { joined, ReadSet } from './read-set.ts';
import type { Rule } from './rule-index.ts';
import { RuleIndex } from './rule-index.ts';

/** Parts of sessions that are remembered; equal ones are one. */
const steadyMax = 2000;
const trialsMax = 2000;

/** A session's life-long parts: what rules can read of them, and the rules that they make possible. */
export interface SteadyPart {
  /** The same object for equal parts. */
  readonly input: JsonObject;
  readonly document: JsonObject;
  /** By command; '' is every one that no rule names. */
  readonly possible: Map<string, readonly Rule[]>;
}

/** Some rules to be tried together. */
export interface Trial {
  /** There are none, and none that are always tried. */
  readonly idle: boolean;
  /** Which they are, and what is known beside, as members of the input. */
  readonly own: JsonObject;
  /** The members of the input that vary, as JSON text; throws as `ReadSet.statement`. */
  readonly varying: (statement: Statement, now: number, sizeMax: number) => string;
}

interface TrialNode {
  trial?: Trial;
  readonly next: Map<number, TrialNode>;
}

export class Route {
  readonly entrypoint: string;
  readonly #spec: RouteSpec;
  readonly #wanted: Wanted;
  readonly #reads: ReadonlyMap<string, ReadSet>;
  readonly #other: ReadSet;
  readonly #index: RuleIndex;
  readonly #steady = new WeakMap<Session, SteadyPart>();
  readonly #inputs = new Map<string, JsonObject>();
  /** By command as it is named, and the numbers of their rules, one after the other. */
  readonly #trials = new Map<string, TrialNode>();
  #trialCount = 0;

  constructor(spec: RouteSpec) {
    this.entrypoint = spec.entrypoint;
    this.#spec = spec;
    const reads = Object.entries(spec.reads);
    this.#wanted = wantedOf([...spec.always, ...reads.flatMap(([, paths]) => paths)]);
    this.#reads = new Map(reads.map(([command, paths]) => [command, new ReadSet(paths)]));
    this.#other = this.#reads.get(other) ?? new ReadSet([[]]);
    this.#index = new RuleIndex(spec.index);
  }

  /** What the rules can read that can fire for the statement's command. */
  reads({ facts }: Statement): ReadSet {
    return this.#reads.get(this.#named(facts['command'])) ?? this.#other;
  }

  /** Whether any rule of the kind can read this fact of a statement. */
  readsFact(name: string): boolean {
    return this.#all.some((reads) => reads.readsFact(name));
  }

  namesBelow(path: readonly string[]): ReadonlySet<string> {
    return new Set(this.#all.flatMap((reads) => reads.namesBelow(path)));
  }

  get #all(): readonly ReadSet[] {
    return [this.#other, ...this.#reads.values()];
  }

  /** The command, as rules read it, where some rule names it. */
  #named(command: Json | undefined): string {
    const text = typeof command === 'string' ? command.toWellFormed() : other;
    return this.#reads.has(text) ? text : other;
  }

  steady(session: Session): SteadyPart {
    const known = this.#steady.get(session);
    if (known !== undefined) return known;
    const document = steadyInput(session);
    const input = project(document, this.#wanted) as JsonObject;
    const text = JSON.stringify(input);
    const same = this.#inputs.get(text) ?? input;
    if (this.#inputs.size >= steadyMax) this.#inputs.clear();
    this.#inputs.set(text, same);
    const part = { input: same, document, possible: new Map() };
    this.#steady.set(session, part);
    return part;
  }

  /** The rules to try for a statement. */
  trial(steady: SteadyPart, { facts }: Statement): Trial {
    const { document, possible } = steady;
    const command = this.#named(facts['command']);
    let candidates = possible.get(command);
    if (candidates === undefined) {
      candidates = this.#index.possible(document, command);
      possible.set(command, candidates);
    }
    const rules = this.#index.find(candidates, document, facts);
    let node = this.#trialsOf(command);
    for (const { number } of rules) {
      let next = node.next.get(number);
      if (next === undefined) {
        next = { next: new Map() };
        node.next.set(number, next);
      }
      node = next;
    }
    return (node.trial ??= this.#made(rules, command));
  }

  #trialsOf(command: string): TrialNode {
    let node = this.#trials.get(command);
    if (node === undefined) this.#trials.set(command, (node = { next: new Map() }));
    return node;
  }

  #made(rules: readonly Rule[], command: string): Trial {
    this.#trialCount += 1;
    if (this.#trialCount > trialsMax) {
      this.#trials.clear();
      this.#trialCount = 0;
    }
    return trialOf(rules, this.#spec, command);
  }
}

const other = '';

function trialOf(rules: readonly Rule[], { always, direct }: RouteSpec, command: string): Trial {
  const paths = [...always, ...rules.flatMap(({ spec }) => spec.reads)];
  // Mostly the command is all that is read of a statement, and it is known here.
  const settled =
    command !== other &&
    paths.every(
      ([part, fact]) => part !== undefined && (part !== 'statement' || fact === 'command'),
    );
  const reads = new ReadSet(settled ? paths.filter(([part]) => part !== 'statement') : paths);
  const named = (computed: boolean): readonly Json[] =>
    rules.filter(({ spec }) => (spec.computed ?? false) === computed).map(({ spec }) => spec.try);
  const members = Object.entries({ fixed: named(false), computed: named(true) });
  return {
    idle: rules.length === 0 && direct === 0,
    own: {
      ...Object.fromEntries(members.filter(([, list]) => list.length > 0)),
      ...(settled ? { statement: { command } } : {}),
    },
    varying: (statement, now, sizeMax) =>
      joined(reads.statement(statement, sizeMax), reads.clock(now)),
  };
}

export class RouteTable {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #other: Route;
  readonly all: readonly Route[];

  /** @param routes With one for every other kind, under ''. */
  constructor(routes: Routes) {
    this.#routes = new Map(Object.entries(routes).map(([kind, spec]) => [kind, new Route(spec)]));
    this.all = [...this.#routes.values()];
    this.#other = this.#routes.get(other) ?? unknownRoute();
  }

  find({ kind }: Pick<Statement, 'kind'>): Route {
    return this.#routes.get(kind) ?? this.#other;
  }
}

/** Asks for an entrypoint that no module has. */
const unknownRoute = (): Route =>
  new Route({
    entrypoint: '',
    direct: 0,
    always: [],
    reads: {},
    index: { sources: [], rules: [] },
  });

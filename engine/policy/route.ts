// The way of a kind's statements through a compiled policy: which entrypoint is asked, which rules it is to try, and what
// of the input is sent for them.

import type { JsonObject, Session, Statement } from '../model/index.ts';
import type { RouteSpec, Routes } from './compiler/index.ts';
import { steadyInput } from './input.ts';
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
  readonly possible: readonly Rule[];
}

/** Some rules to be tried together. */
export interface Trial {
  /** There are none, and none that are always tried. */
  readonly idle: boolean;
  /** The members of the input that vary, as JSON text. */
  readonly members: (statement: Statement, now: number) => string;
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
  readonly #trials = new Map<string, Trial>();

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
  reads({ facts: { command } }: Statement): ReadSet {
    return (typeof command === 'string' ? this.#reads.get(command) : undefined) ?? this.#other;
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
    const part = { input: same, document, possible: this.#index.possible(document) };
    this.#steady.set(session, part);
    return part;
  }

  /** The rules to try for a statement. */
  trial({ possible, document }: SteadyPart, { facts }: Statement): Trial {
    const rules = this.#index.find(possible, document, { statement: facts });
    let key = '';
    for (const { number } of rules) key += `${number} `;
    const known = this.#trials.get(key);
    if (known !== undefined) return known;
    if (this.#trials.size >= trialsMax) this.#trials.clear();
    const made = trialOf(rules, this.#spec);
    this.#trials.set(key, made);
    return made;
  }
}

const other = '';

function trialOf(rules: readonly Rule[], { always, direct }: RouteSpec): Trial {
  const reads = new ReadSet([...always, ...rules.flatMap(({ spec }) => spec.reads)]);
  const named = (computed: boolean): string =>
    JSON.stringify(
      rules.filter(({ spec }) => (spec.computed ?? false) === computed).map(({ spec }) => spec.try),
    );
  const trials = rules.length === 0 ? '' : `"fixed":${named(false)},"computed":${named(true)}`;
  return {
    idle: rules.length === 0 && direct === 0,
    members: (statement, now) =>
      joined(trials, joined(reads.statement(statement), reads.clock(now))),
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

  find({ kind }: Statement): Route {
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

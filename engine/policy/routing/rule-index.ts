// Which rules to try for a statement: those whose known conditions hold. The index can skip a rule that cannot fire; it
// never makes one fire.

import type { Json, JsonObject } from '../../model/index.ts';
import type { IndexedRule, IndexSpec } from '../compiler/index.ts';
import { FactSource } from './fact-source.ts';

interface Condition {
  readonly source: FactSource;
  readonly values: ReadonlyMap<Json, unknown>;
}

/** Conditions beside the one that the rule is found by. */
export interface Rule {
  readonly number: number;
  readonly spec: IndexedRule;
  /** Those outside of which it cannot fire; nothing where it can for every one. */
  readonly commands: readonly Json[] | undefined;
  readonly ofSession: readonly Condition[];
  readonly ofStatement: readonly Condition[];
}

interface Table {
  readonly source: FactSource;
  readonly rows: Map<Json, Rule[]>;
}

export class RuleIndex {
  /** Looked up once for a session and a command. */
  readonly #steady: readonly Table[];
  readonly #commands: ReadonlyMap<Json, readonly Rule[]>;
  readonly #passing: readonly Table[];

  constructor(spec: IndexSpec) {
    const tables = spec.sources.map((source): Table => {
      return { source: new FactSource(source), rows: new Map() };
    });
    spec.rules.forEach((rule, number) => {
      const [first, ...rest] = rule.conditions.map(({ source, values }) => {
        const table = tables[source];
        if (table === undefined) throw new TypeError(`a rule names source ${source}, which is not`);
        return { table, values };
      });
      const made = ruleOf(rule, number, rest);
      for (const value of first?.values ?? []) {
        const row = first?.table.rows.get(value);
        if (row === undefined) first?.table.rows.set(value, [made]);
        else row.push(made);
      }
    });
    const used = tables.filter(({ rows }) => rows.size > 0);
    this.#steady = used.filter(({ source }) => source.steady);
    this.#commands = used.find(({ source }) => source.isCommand)?.rows ?? new Map();
    this.#passing = used.filter(({ source }) => !source.steady && !source.isCommand);
  }

  /** What a session's life-long parts and a command make possible, whatever else the statement is. */
  possible(steady: JsonObject, command: Json): readonly Rule[] {
    const found: Rule[] = [];
    const take = (rule: Rule): void => {
      if (isFor(rule, command) && allHold(rule.ofSession, steady)) add(found, rule);
    };
    this.#commands.get(command)?.forEach(take);
    for (const { source, rows } of this.#steady) {
      for (const value of source.values(steady)) at(rows, value)?.forEach(take);
    }
    return found;
  }

  /**
   * The rules to try, by number.
   *
   * @param possible What there was for the same `steady` and the command of these facts.
   */
  find(possible: readonly Rule[], steady: JsonObject, facts: JsonObject): readonly Rule[] {
    const found: Rule[] = [];
    const { command = null } = facts;
    const asked = typeof command === 'string' ? command.toWellFormed() : command;
    for (const rule of possible) {
      if (allHold(rule.ofStatement, facts)) found.push(rule);
    }
    for (const { source, rows } of this.#passing) {
      for (const value of source.values(facts)) {
        const row = at(rows, value);
        if (row === undefined) continue;
        for (const rule of row) {
          if (!isFor(rule, asked)) continue;
          if (allHold(rule.ofStatement, facts) && allHold(rule.ofSession, steady)) add(found, rule);
        }
      }
    }
    return found;
  }
}

interface Needed {
  readonly table: Table;
  readonly values: readonly Json[];
}

function ruleOf(spec: IndexedRule, number: number, needed: readonly Needed[]): Rule {
  const conditionsOf = (which: (source: FactSource) => boolean): readonly Condition[] =>
    needed
      .filter(({ table }) => which(table.source))
      .map(({ table, values }) => {
        return { source: table.source, values: new Map(values.map((value) => [value, true])) };
      });
  return {
    number,
    spec,
    commands: needed.find(({ table }) => table.source.isCommand)?.values,
    ofSession: conditionsOf((source) => source.steady),
    ofStatement: conditionsOf((source) => !source.steady && !source.isCommand),
  };
}

const isFor = ({ commands }: Rule, command: Json): boolean =>
  commands === undefined || commands.includes(command);

function allHold(conditions: readonly Condition[], document: JsonObject): boolean {
  for (const { source, values } of conditions) {
    if (!source.values(document).some((value) => at(values, value) !== undefined)) return false;
  }
  return true;
}

/** The module is sent well-formed text only. */
function at<Item>(rows: ReadonlyMap<Json, Item>, value: Json): Item | undefined {
  const known = rows.get(value);
  if (known !== undefined || typeof value !== 'string' || value.isWellFormed()) return known;
  return rows.get(value.toWellFormed());
}

/** In order, and once: two values may lead to the same rule. */
function add(rules: Rule[], rule: Rule): void {
  let place = rules.length;
  while (place > 0 && (rules[place - 1]?.number ?? 0) > rule.number) place -= 1;
  if (rules[place - 1] === rule) return;
  if (place === rules.length) rules.push(rule);
  else rules.splice(place, 0, rule);
}

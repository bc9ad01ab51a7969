// Which rules to try for a statement: those whose known conditions hold. The index can skip a rule that cannot fire; it
// never makes one fire.

import type { Json, JsonObject } from '../model/index.ts';
import type { IndexedRule, IndexSpec } from './compiler/index.ts';
import { FactSource } from './fact-source.ts';

interface Condition {
  readonly source: FactSource;
  readonly values: ReadonlySet<Json>;
}

export interface Rule {
  readonly number: number;
  readonly spec: IndexedRule;
  readonly conditions: readonly Condition[];
}

interface Table {
  readonly source: FactSource;
  readonly rows: Map<Json, Rule[]>;
}

export class RuleIndex {
  readonly #steady: readonly Table[];
  readonly #passing: readonly Table[];

  constructor(spec: IndexSpec) {
    const tables = spec.sources.map((source) => ({
      source: new FactSource(source),
      rows: new Map<Json, Rule[]>(),
    }));
    spec.rules.forEach((rule, number) => {
      const [first, ...rest] = rule.conditions;
      const conditions = rest.flatMap(({ source, values }) => {
        const table = tables[source];
        return table === undefined ? [] : [{ source: table.source, values: new Set(values) }];
      });
      const made = { number, spec: rule, conditions };
      const rows = tables[first?.source ?? -1]?.rows;
      for (const value of first?.values ?? []) {
        const row = rows?.get(value);
        if (row === undefined) rows?.set(value, [made]);
        else row.push(made);
      }
    });
    const used = tables.filter(({ rows }) => rows.size > 0);
    this.#steady = used.filter(({ source }) => source.steady);
    this.#passing = used.filter(({ source }) => !source.steady);
  }

  /** What the session's life-long parts make possible, whatever the statement. */
  possible(steady: JsonObject): readonly Rule[] {
    const found: Rule[] = [];
    const holds = ({ source, values }: Condition): boolean =>
      !source.steady || source.some(steady, (value) => values.has(value));
    look(this.#steady, steady, (rule) => {
      if (rule.conditions.every(holds)) add(found, rule);
    });
    return found;
  }

  /** The rules to try, by number; `possible` is what there was for the same `steady`. */
  find(possible: readonly Rule[], steady: JsonObject, passing: JsonObject): readonly Rule[] {
    const found: Rule[] = [];
    const holds = ({ source, values }: Condition): boolean =>
      source.some(source.steady ? steady : passing, (value) => values.has(value));
    for (const rule of possible) {
      if (rule.conditions.every((condition) => condition.source.steady || holds(condition))) {
        add(found, rule);
      }
    }
    look(this.#passing, passing, (rule) => {
      if (rule.conditions.every(holds)) add(found, rule);
    });
    return found;
  }
}

function look(tables: readonly Table[], document: JsonObject, take: (rule: Rule) => void): void {
  for (const { source, rows } of tables) {
    source.some(document, (value) => {
      rows.get(value)?.forEach(take);
      return false;
    });
  }
}

/** In order, and once: two values may lead to the same rule. */
function add(rules: Rule[], rule: Rule): void {
  let at = rules.length;
  while (at > 0 && (rules[at - 1]?.number ?? 0) > rule.number) at -= 1;
  if (rules[at - 1] !== rule) rules.splice(at, 0, rule);
}

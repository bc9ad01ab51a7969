// Rules as Rego, spread over packages as teams would have them, and the glue that OPA's own evaluator needs.

import type { PolicyFile } from '#engine';
import type { Condition, Rule } from './rules.ts';

const packagesMax = 50;

export const packageCount = (rules: number): number => Math.min(packagesMax, rules);

const packageName = (index: number): string => `rules.postgres.team${index}`;

/** Neighbours share a package, so the rules of an area stay together where packages are large enough. */
function packagesOf(rules: readonly Rule[]): readonly (readonly Rule[])[] {
  const packages = packageCount(rules.length);
  const start = (index: number): number => Math.floor((index * rules.length) / packages);
  return Array.from({ length: packages }, (_unused, index) =>
    rules.slice(start(index), start(index + 1)),
  );
}

export const regoFiles = (rules: readonly Rule[]): readonly PolicyFile[] =>
  packagesOf(rules).map((own, index) => {
    const head = `package ${packageName(index)}\n\nimport rego.v1`;
    return {
      path: `team${index}.rego`,
      text: `${[head, ...own.map(regoRule)].join('\n\n')}\n`,
    };
  });

/** `data.sallyport.collected` for OPA as it is: every contribution of every package, named statically. */
export function collectedModule(rules: readonly Rule[]): string {
  const contributions = packagesOf(rules).flatMap((own, index) => {
    const name = packageName(index);
    return [...new Set(own.map(({ effect }) => effect))].map(
      (effect) => `${effect} contains ["${name}", entry] if {
	input.kind == "postgres"
	some entry in data.${name}.${effect}
}`,
    );
  });
  return `${['package sallyport.collected', ...contributions].join('\n\n')}\n`;
}

function regoRule(rule: Rule): string {
  const body = rule.conditions.map((condition) => `\t${regoCondition(condition)}\n`).join('');
  return `${rule.effect} contains ${regoEntry(rule)} if {\n${body}}`;
}

function regoEntry({ id, effect, message }: Rule): string {
  switch (effect) {
    case 'allow':
    case 'deny':
      return `"${message}"`;
    case 'approve':
      return `{"id": "${id}", "msg": "${message}", "groups": ["dba"]}`;
    case 'mask':
      return `{"column": "${message}", "strategy": "partial"}`;
  }
}

function regoCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'command':
      return `input.statement.command ${oneOf(condition.oneOf)}`;
    case 'principal':
      return `input.principal.id == "${condition.id}"`;
    case 'group':
      return `"${condition.name}" in input.principal.groups`;
    case 'not-group':
      return `not "${condition.name}" in input.principal.groups`;
    case 'area':
      return `object.get(input.target.labels, "area", "") == "${condition.name}"`;
    case 'target':
      return `startswith(input.target.name, "${condition.prefix}")`;
    case 'column':
      return `"${condition.name}" in input.statement.columns`;
    case 'function':
      return `"${condition.name}" in input.statement.functions`;
    case 'writes':
      return `some relation in input.statement.relations
	relation.access == "write"
	relation.name == "${condition.relation}"`;
    case 'no-where':
      return 'not input.statement.where';
    case 'before':
      return `input.time.hour < ${condition.hour}`;
  }
}

function oneOf(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  return others.length === 0 ? `== "${first}"` : `in {"${texts.join('", "')}"}`;
}

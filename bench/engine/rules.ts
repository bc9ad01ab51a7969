// Generated policies in the shapes that teams write: most rules look at the statement and do not fire.

import type { PolicyFile } from '#engine';

type RuleShape = (number: number) => string;

const statementIs = (command: string): string => `input.statement.command == "${command}"`;

/** Of ten rules: three allow, four deny, two ask for approval, one masks. */
const shapes: readonly RuleShape[] = [
  (n) => `allow contains "team ${n} reads" if {
	${statementIs('SELECT')}
	"team-${n}" in input.principal.groups
}`,
  (n) => `deny contains "tables of area ${n} are not truncated" if {
	${statementIs('TRUNCATE')}
	input.target.labels.area == "area-${n}"
}`,
  (n) => `deny contains "ledger ${n} is append-only" if {
	input.statement.command in {"UPDATE", "DELETE"}
	some relation in input.statement.relations
	relation.access == "write"
	startswith(relation.name, "ledger${n}.")
}`,
  (
    n,
  ) => `approve contains {"id": "wide-delete-${n}", "msg": "DELETE without WHERE", "groups": ["dba-${n}"]} if {
	${statementIs('DELETE')}
	not input.statement.where
	input.target.labels.area == "area-${n}"
}`,
  (n) => `mask contains {"column": "crm${n}.contacts.email", "strategy": "partial"} if {
	"support-${n}" in input.principal.groups
	not "pii-${n}" in input.principal.groups
}`,
  (n) => `allow contains "workload ${n} writes its own queue" if {
	input.principal.id == "worker-${n}@example.com"
	input.statement.command in {"INSERT", "UPDATE"}
	every relation in input.statement.relations { startswith(relation.name, "queue${n}.") }
}`,
  (n) => `deny contains "no dictionary ${n} export at night" if {
	input.time.hour < 6
	"dictionary${n}.words.*" in input.statement.columns
}`,
  (
    n,
  ) => `approve contains {"id": "salaries-${n}", "msg": "reads salaries", "groups": ["hr-${n}"]} if {
	some column in input.statement.columns
	column == "hr${n}.salaries.amount"
}`,
  (n) => `deny contains "function ${n} is for administrators" if {
	"admin.reindex_${n}" in input.statement.functions
	not "administrators" in input.principal.groups
}`,
  (n) => `allow contains "on-call ${n}" if {
	"on-call-${n}" in input.principal.groups
	input.target.labels.env in {"production", "staging"}
	input.time.weekday > 0
}`,
];

/** Small sets of rules stay together; a package never has more than twenty. */
export const packageCount = (rules: number): number =>
  Math.min(50, Math.max(10, Math.ceil(rules / 20)));

export function generateRules(rules: number): readonly PolicyFile[] {
  const packages = packageCount(rules);
  return Array.from({ length: packages }, (_unused, index) => {
    const own: string[] = [];
    for (let number = index; number < rules; number += packages) {
      // By rank inside the package, so that every package has every shape.
      const shape = shapes[Math.floor(number / packages + index) % shapes.length];
      if (shape !== undefined) own.push(shape(number));
    }
    const head = `package rules.postgres.area${index}\n\nimport rego.v1`;
    return { path: `area${index}.rego`, text: `${[head, ...own].join('\n\n')}\n` };
  });
}

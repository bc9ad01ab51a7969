# METADATA
# title: Who may use the database of the load test
# description: What a team would really write, so that a statement is decided by rules and not by one constant
# custom: {severity: low}
package rules.postgres.access

import rego.v1

reading := {"SELECT", "SHOW", "EXPLAIN"}

allow contains "engineers may read and write" if "engineering" in input.principal.groups

allow contains "workloads may read" if {
	input.principal.kind == "workload"
	input.statement.command in reading
}

# METADATA
# title: What one statement may take
# description: People read a screen or an export at a time; agents less, and not in a loop.
# custom: {severity: medium}
package rules.postgres.budgets

import rego.v1

budget contains {"rows": 100000, "seconds": 300} if not is_agent

budget contains {
	"rows": 1000,
	"bytes": 4194304,
	"seconds": 30,
	"statements_per_minute": 120,
} if {
	is_agent
}

is_agent if input.principal.kind == "workload"

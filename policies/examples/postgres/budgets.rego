# METADATA
# title: What agents may take
# description: Of one statement so many rows, bytes and seconds, and not so many statements in a minute.
# custom: {severity: medium}
package rules.postgres.budgets

import rego.v1

budget contains {
	"rows": 1000,
	"bytes": 4194304,
	"seconds": 30,
	"statements_per_minute": 120,
} if {
	is_agent
}

is_agent if input.principal.kind == "workload"

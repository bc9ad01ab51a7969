# METADATA
# title: Agents read, in small portions
# description: Workloads never write, whatever groups they are in, and ask for at most 1000 rows at a time.
# custom: {severity: high}
package rules.postgres.agents

import rego.v1

import data.commands

rows_max := 1000

allow contains "agents may read" if {
	is_agent
	"agents" in input.principal.groups
	harmless
}

deny contains "agents may only read" if {
	is_agent
	not harmless
}

deny contains {"id": "agents-need-limit", "msg": "agents ask for at most 1000 rows: add LIMIT"} if {
	is_agent
	input.statement.command == "SELECT"
	commands.reads_tables
	not small
}

harmless if commands.purpose in {"read", "session"}

# A comparison with the absent limit, null, would be true: null sorts before every number.
small if {
	input.statement.limit != null
	input.statement.limit <= rows_max
}

is_agent if input.principal.kind == "workload"

package rules.postgres.agents_test

import rego.v1

import data.rules.postgres.agents

statement(kind, command, limit) := {
	"principal": {"kind": kind, "groups": ["agents"]},
	"statement": {
		"command": command,
		"limit": limit,
		"relations": [{"name": "public.orders", "access": "read"}],
	},
}

test_agents_read_with_a_limit if {
	count(agents.allow) == 1 with input as statement("workload", "SELECT", 1000)
	count(agents.deny) == 0 with input as statement("workload", "SELECT", 1000)
}

test_agents_need_a_limit if {
	every limit in [null, 1001] {
		count(agents.deny) == 1 with input as statement("workload", "SELECT", limit)
	}
}

test_agents_read_catalogs_without_a_limit if {
	count(agents.deny) == 0 with input as statement("workload", "SELECT", null)
		with input.statement.relations as [{"name": "pg_catalog.pg_class", "access": "read"}]
}

test_agents_never_write if {
	every command in ["INSERT", "TRUNCATE", "DO"] {
		count(agents.deny) == 1 with input as statement("workload", command, null)
		count(agents.allow) == 0 with input as statement("workload", command, null)
	}
}

test_humans_are_no_agents if {
	count(agents.allow) == 0 with input as statement("human", "SELECT", 1)
	count(agents.deny) == 0 with input as statement("human", "DELETE", null)
}

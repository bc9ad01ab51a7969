package rules.postgres.access_test

import rego.v1

import data.rules.postgres.access

statement(groups, command) := {
	"principal": {"groups": groups},
	"statement": {"command": command},
}

test_engineers_work_with_rows if {
	every command in ["SELECT", "DELETE", "BEGIN"] {
		access.allow with input as statement(["engineering"], command)
		count(access.allow) == 1 with input as statement(["engineering"], command)
	}
}

test_engineers_leave_the_schema_alone if {
	count(access.allow) == 0 with input as statement(["engineering"], "ALTER TABLE")
}

test_administrators_change_the_schema if {
	count(access.allow) == 1 with input as statement(["dba"], "ALTER TABLE")
}

test_unknown_commands_are_for_nobody if {
	count(access.allow) == 0 with input as statement(["dba", "engineering"], "DO")
}

test_strangers_may_do_nothing if {
	count(access.allow) == 0 with input as statement(["support"], "SELECT")
}

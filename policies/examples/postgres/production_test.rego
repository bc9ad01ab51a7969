package rules.postgres.production_test

import rego.v1

import data.rules.postgres.production

statement(env, command, where) := {
	"target": {"labels": {"env": env}},
	"statement": {"command": command, "where": where},
}

test_what_cannot_be_undone_is_denied if {
	every command in ["TRUNCATE", "DROP TABLE", "DROP INDEX"] {
		count(production.deny) == 1 with input as statement("production", command, false)
		count(production.deny) == 0 with input as statement("staging", command, false)
	}
}

test_deletes_and_updates_without_where_are_held if {
	every command in ["DELETE", "UPDATE"] {
		count(production.approve) == 1 with input as statement("production", command, false)
		count(production.approve) == 0 with input as statement("production", command, true)
		count(production.approve) == 0 with input as statement("staging", command, false)
	}
}

test_administrators_are_asked if {
	some approval in production.approve with input as statement("production", "DELETE", false)
	approval.id == "delete-without-where"
	approval.groups == ["dba"]
}

test_other_commands_pass if {
	count(production.deny) == 0 with input as statement("production", "SELECT", false)
	count(production.approve) == 0 with input as statement("production", "SELECT", false)
}

test_targets_without_labels_are_production if {
	count(production.deny) == 1 with input as {
		"target": {"labels": {}},
		"statement": {"command": "TRUNCATE", "where": false},
	}
}

package rules.http.production_test

import rego.v1

import data.rules.http.production

request(env, command, segments) := {
	"target": {"name": "billing", "labels": {"env": env}},
	"statement": {
		"unit": "request",
		"command": command,
		"segments": segments,
		"graphql": {"type": "", "fields": []},
		"rpc": {"method": "", "protocol": "", "tool": ""},
	},
}

operation(type, fields) := {
	"target": {"name": "billing", "labels": {"env": "production"}},
	"statement": {
		"unit": "operation",
		"command": "POST",
		"segments": ["graphql"],
		"graphql": {"type": type, "fields": fields},
		"rpc": {"method": "", "protocol": "", "tool": ""},
	},
}

ids := {approval.id | some approval in production.approve}

test_deletions_are_held if {
	ids == {"delete"} with input as request("production", "DELETE", ["invoices", "7"])
	ids == set() with input as request("staging", "DELETE", ["invoices", "7"])
}

test_changes_to_the_administration_are_held if {
	every segments in [["admin", "users"], ["v1", "Admin"], ["internal"]] {
		ids == {"administration"} with input as request("production", "POST", segments)
		ids == set() with input as request("production", "GET", segments)
		ids == set() with input as request("staging", "POST", segments)
	}
}

test_deletions_in_the_administration_ask_once_each if {
	ids == {"delete", "administration"} with input as request("production", "DELETE", ["admin"])
}

test_mutations_that_delete_are_held if {
	ids == {"delete-by-graphql"} with input as operation("mutation", ["createUser", "deleteUser"])
	ids == {"delete-by-graphql"} with input as operation("mutation", ["RemoveAll"])
	ids == set() with input as operation("mutation", ["createUser"])
	ids == set() with input as operation("query", ["deletedUsers"])
}

test_other_requests_pass if {
	ids == set() with input as request("production", "POST", ["invoices"])
	count(production.deny) == 0 with input as request("production", "POST", ["invoices"])
}

test_unknown_methods_are_denied if {
	count(production.deny) == 1 with input as request("production", "PURGE", [])
	count(production.deny) == 0 with input as request("staging", "PURGE", [])
}

test_targets_without_labels_are_production if {
	ids == {"delete"} with input as request("production", "DELETE", []) with input.target.labels as {}
}

package rules.http.access_test

import rego.v1

import data.rules.http.access

request(groups, command) := {
	"principal": {"kind": "human", "groups": groups},
	"target": {"name": "billing", "labels": {"env": "production"}},
	"statement": {"unit": "request", "command": command, "rpc": {"method": ""}},
}

test_engineers_read if {
	every command in ["GET", "HEAD", "OPTIONS"] {
		count(access.allow) == 1 with input as request(["engineering"], command)
	}
}

test_engineers_write_outside_production if {
	every command in ["POST", "DELETE", "MESSAGE"] {
		count(access.allow) == 0 with input as request(["engineering"], command)
		count(access.allow) == 1 with input as request(["engineering"], command)
			with input.target.labels as {"env": "staging"}
		count(access.allow) == 0 with input as request(["engineering"], command)
			with input.target.labels as {}
	}
}

test_a_team_uses_its_targets_only if {
	count(access.allow) == 1 with input as request(["billing-team"], "DELETE")
	count(access.allow) == 0 with input as request(["billing-team"], "GET")
		with input.target.name as "wiki"
}

test_unknown_methods_are_for_nobody if {
	count(access.allow) == 0 with input as request(["engineering", "billing-team"], "PURGE")
}

test_strangers_and_workloads_may_do_nothing if {
	count(access.allow) == 0 with input as request(["sales"], "GET")
	count(access.allow) == 0 with input as request(["engineering", "billing-team"], "GET")
		with input.principal.kind as "workload"
}

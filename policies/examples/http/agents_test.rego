package rules.http.agents_test

import rego.v1

import data.rules.http.agents

base := {
	"principal": {"kind": "workload", "groups": ["agents"]},
	"target": {"name": "wiki", "labels": {}},
	"statement": {
		"unit": "request",
		"command": "GET",
		"graphql": {"type": "", "fields": [], "introspection": false},
		"rpc": {"protocol": "", "method": "", "tool": ""},
	},
}

with_statement(changes) := object.union(base, {"statement": changes})

request(command) := with_statement({"command": command})

operation(type) := with_statement({"unit": "operation", "command": "POST", "graphql": {"type": type}})

call(method, tool) := with_statement({
	"unit": "call",
	"command": "POST",
	"rpc": {"protocol": "mcp", "method": method, "tool": tool},
})

outcome := {
	"allow": count(agents.allow),
	"deny": count(agents.deny),
	"approve": {approval.id | some approval in agents.approve},
}

allowed := {"allow": 1, "deny": 0, "approve": set()}

denied := {"allow": 0, "deny": 1, "approve": set()}

test_agents_read if {
	outcome == allowed with input as request("GET")
	outcome == allowed with input as operation("query")
	outcome == allowed with input as call("initialize", "")
	outcome == allowed with input as call("tools/list", "")
	outcome == allowed with input as call("tools/call", "read_page")
}

test_other_tools_wait_for_a_person if {
	outcome == {"allow": 0, "deny": 0, "approve": {"agent-tool"}} with input as call("tools/call", "delete_page")
	outcome == {"allow": 0, "deny": 0, "approve": {"agent-tool"}} with input as call("tools/call", "read_page")
		with input.target.name as "elsewhere"
}

test_mutations_wait_for_a_person if {
	outcome == {"allow": 0, "deny": 0, "approve": {"agent-mutation"}} with input as operation("mutation")
}

test_the_rest_is_denied if {
	every command in ["POST", "DELETE", "MESSAGE", "PURGE"] {
		outcome == denied with input as request(command)
	}
	outcome == denied with input as call("tasks/cancel", "")
	outcome == denied with input as call("", "")
}

test_agents_do_not_explore_schemas if {
	count(agents.deny) == 1 with input as operation("query") with input.statement.graphql.introspection as true
}

test_workloads_without_the_group_may_nothing if {
	count(agents.allow) == 0 with input as request("GET") with input.principal.groups as ["engineering"]
}

test_people_are_no_agents if {
	outcome == {"allow": 0, "deny": 0, "approve": set()} with input as call("tools/call", "delete_page")
		with input.principal.kind as "human"
}

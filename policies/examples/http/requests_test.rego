package requests_test

import rego.v1

import data.requests

request(command) := {"statement": {"unit": "request", "command": command, "rpc": {"method": ""}}}

operation(type) := {"statement": {
	"unit": "operation",
	"command": "POST",
	"graphql": {"type": type},
	"rpc": {"method": ""},
}}

call(target, protocol, method, tool) := {
	"target": {"name": target},
	"statement": {
		"unit": "call",
		"command": "POST",
		"rpc": {"protocol": protocol, "method": method, "tool": tool},
	},
}

test_requests_count_by_their_method if {
	requests.purpose == "read" with input as request("GET")
	requests.purpose == "write" with input as request("PATCH")
	requests.purpose == "destroy" with input as request("DELETE")
	requests.purpose == "other" with input as request("PURGE")
}

test_messages_are_a_stream if {
	requests.purpose == "stream" with input as request("MESSAGE") with input.statement.unit as "message"
}

test_operations_count_by_their_type if {
	requests.purpose == "read" with input as operation("query")
	requests.purpose == "read" with input as operation("subscription")
	requests.purpose == "write" with input as operation("mutation")
}

test_tools_write_unless_the_table_names_them if {
	requests.purpose == "read" with input as call("wiki", "mcp", "tools/call", "search")
	requests.purpose == "write" with input as call("wiki", "mcp", "tools/call", "delete_page")
	requests.purpose == "write" with input as call("elsewhere", "mcp", "tools/call", "search")
}

test_other_messages_count_by_their_method if {
	requests.purpose == "session" with input as call("wiki", "mcp", "initialize", "")
	requests.purpose == "read" with input as call("wiki", "mcp", "resources/read", "")
	requests.purpose == "other" with input as call("wiki", "mcp", "tasks/cancel", "")
	requests.purpose == "other" with input as call("wiki", "mcp", "", "")
}

test_calls_without_mcp_are_for_something_else if {
	requests.purpose == "other" with input as call("node", "json-rpc", "eth_sendTransaction", "")
}

# METADATA
# title: Agents read alone and write with a person
# description: |
#   Workloads in the group agents call the tools that data.json says only read; other tools and GraphQL mutations wait for
#   a person, who sees the arguments. All else is refused, whatever groups they are in.
# custom: {severity: high}
package rules.http.agents

import rego.v1

import data.requests

allow contains "agents may read" if {
	is_agent
	"agents" in input.principal.groups
	harmless
}

approve contains {
	"id": "agent-tool",
	"msg": "an agent calls a tool that may change something",
	"groups": ["agent-owners"],
	"ttl": "10m",
} if {
	is_agent
	is_tool
	not harmless
}

approve contains {
	"id": "agent-mutation",
	"msg": "an agent sends a GraphQL mutation",
	"groups": ["agent-owners"],
	"ttl": "10m",
} if {
	is_agent
	is_mutation
}

deny contains "agents may only read, and ask for tools and mutations" if {
	is_agent
	not harmless
	not is_tool
	not is_mutation
}

deny contains {"id": "agents-no-introspection", "msg": "agents do not explore schemas"} if {
	is_agent
	input.statement.graphql.introspection
}

harmless if requests.purpose in {"read", "session"}

is_tool if requests.is_tool

is_mutation if input.statement.graphql.type == "mutation"

is_agent if input.principal.kind == "workload"

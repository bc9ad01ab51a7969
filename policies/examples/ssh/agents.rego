# METADATA
# title: Agents look alone and change with a person
# description: |
#   Workloads in the group agents run commands that only look; any other command waits for a person. Terminals, forwards,
#   files and variables are not for them, whatever groups they are in.
# custom: {severity: high}
package rules.ssh.agents

import rego.v1

import data.programs

allow contains "agents may look" if {
	is_agent
	"agents" in input.principal.groups
	input.statement.command == "EXEC"
	programs.only_looks
}

approve contains {
	"id": "agent-command",
	"msg": "an agent runs a command that does more than look",
	"groups": ["agent-owners"],
	"ttl": "10m",
} if {
	is_agent
	input.statement.command == "EXEC"
	not programs.only_looks
}

deny contains "agents run commands and nothing else" if {
	is_agent
	input.statement.command != "EXEC"
}

is_agent if input.principal.kind == "workload"

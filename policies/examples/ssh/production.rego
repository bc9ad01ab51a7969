# METADATA
# title: Production is changed with a second person
# description: |
#   Commands that do more than look, uploads and raw terminals wait for somebody on call; what would end the machine is
#   refused, and so is what nobody could foresee.
# custom: {severity: high}
package rules.ssh.production

import rego.v1

import data.programs

approve contains {
	"id": "command",
	"msg": "a command that changes production",
	"groups": ["on-call"],
	"ttl": "10m",
} if {
	in_production
	programs.is_command
	not programs.only_looks
}

approve contains {
	"id": "file",
	"msg": "a change to files in production",
	"groups": ["on-call"],
	"ttl": "10m",
} if {
	in_production
	input.statement.command == "FILE"
	not input.statement.file.operation in {"read", "list", "stat", "readlink", "realpath", "users"}
}

approve contains {
	"id": "raw-terminal",
	"msg": "a terminal that is recorded and not judged",
	"groups": ["on-call"],
	"ttl": "30m",
} if {
	in_production
	input.statement.command == "SHELL"
	input.statement.interactive.mode == "recorded"
}

deny contains "file systems and disks are not made anew in production" if {
	in_production
	some program in input.statement.shell.programs
	program in data.ruinous_programs
}

deny contains {"id": "opaque", "msg": "nobody can say what this command runs"} if {
	in_production
	programs.is_command
	not programs.is_known
}

# A target without the label counts as production.
in_production if object.get(input.target.labels, "env", "production") == "production"

# METADATA
# title: Who may do what on servers
# description: |
#   Engineers look everywhere, and work in guarded shells outside production; operators do it everywhere. What a command
#   does has to be known: one whose programs depend on the run is nobody's by this rule.
# custom: {severity: high}
package rules.ssh.access

import rego.v1

import data.programs

allow contains "engineers may look" if {
	"engineering" in input.principal.groups
	programs.is_command
	programs.only_looks
}

allow contains "engineers may work outside production" if {
	"engineering" in input.principal.groups
	not in_production
	known_work
}

allow contains "operators may work" if {
	"operators" in input.principal.groups
	known_work
}

allow contains "a guarded shell judges each line by itself" if {
	some group in {"engineering", "operators"}
	group in input.principal.groups
	input.statement.command == "SHELL"
	input.statement.interactive.mode == "guarded"
}

known_work if {
	programs.is_command
	programs.is_known
}

known_work if input.statement.command == "FILE"

# A target without the label counts as production.
in_production if object.get(input.target.labels, "env", "production") == "production"

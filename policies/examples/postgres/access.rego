# METADATA
# title: Who may do what
# description: Engineers work with rows, database administrators with the schema as well.
# custom: {severity: high}
package rules.postgres.access

import rego.v1

import data.commands

allow contains "engineers may read and write" if {
	"engineering" in input.principal.groups
	commands.purpose in {"read", "write", "session"}
}

allow contains "database administrators may also change the schema" if {
	"dba" in input.principal.groups
	commands.purpose in {"read", "write", "schema", "session"}
}

# METADATA
# title: What a command is for
# description: |
#   read, write, schema or session, from the table in data.json. A command that the table does not name is for
#   something else, which no rule allows.
package commands

import rego.v1

purpose := object.get(data.command_kinds, input.statement.command, "other")

reads_tables if {
	some relation in input.statement.relations
	not startswith(relation.name, "pg_catalog.")
	not startswith(relation.name, "information_schema.")
}

# METADATA
# title: What a command is for
# description: |
#   read, write, schema or session, from the table in data.json. Undefined for a command that the table does
#   not name, so no rule allows it.
package commands

import rego.v1

purpose := data.command_kinds[input.statement.command]

reads_tables if {
	some relation in input.statement.relations
	not startswith(relation.name, "pg_catalog.")
	not startswith(relation.name, "information_schema.")
}

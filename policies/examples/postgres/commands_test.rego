package commands_test

import rego.v1

import data.commands

test_purposes if {
	commands.purpose == "read" with input.statement.command as "SELECT"
	commands.purpose == "schema" with input.statement.command as "DROP TABLE"
	commands.purpose == "other" with input.statement.command as "DO"
}

test_catalogs_are_no_tables if {
	not commands.reads_tables with input.statement.relations as [
		{"name": "pg_catalog.pg_class", "access": "read"},
		{"name": "information_schema.columns", "access": "read"},
	]
	commands.reads_tables with input.statement.relations as [
		{"name": "pg_catalog.pg_class", "access": "read"},
		{"name": "public.orders", "access": "read"},
	]
}

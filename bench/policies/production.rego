# METADATA
# title: What production does not allow
# custom: {severity: high}
package rules.postgres.production

import rego.v1

deny contains "TRUNCATE is never allowed here" if input.statement.command == "TRUNCATE"

deny contains "tables are dropped by migrations" if {
	object.get(input.target.labels, "env", "production") == "production"
	input.statement.command == "DROP TABLE"
	not "migrations" in input.principal.groups
}

deny contains "the audit trail is append-only" if {
	input.statement.command in {"UPDATE", "DELETE"}
	some relation in input.statement.relations
	relation.access == "write"
	startswith(relation.name, "audit.")
}

approve contains {
	"id": "delete-without-where",
	"msg": "DELETE without WHERE",
	"groups": ["dba"],
	"ttl": "10m",
} if {
	input.statement.command == "DELETE"
	not input.statement.where
}

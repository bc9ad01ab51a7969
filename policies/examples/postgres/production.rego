# METADATA
# title: No destructive statements in production without a DBA
# description: What cannot be undone is refused; what is more likely a slip waits for a second person.
# custom: {severity: high}
package rules.postgres.production

import rego.v1

deny contains "TRUNCATE is never allowed in production" if {
	in_production
	input.statement.command == "TRUNCATE"
}

deny contains "DROP is never allowed in production" if {
	in_production
	startswith(input.statement.command, "DROP ")
}

approve contains {
	"id": "delete-without-where",
	"msg": "DELETE without WHERE in production",
	"groups": ["dba"],
	"ttl": "10m",
} if {
	in_production
	input.statement.command == "DELETE"
	not input.statement.where
}

approve contains {
	"id": "update-without-where",
	"msg": "UPDATE without WHERE in production",
	"groups": ["dba"],
	"ttl": "10m",
} if {
	in_production
	input.statement.command == "UPDATE"
	not input.statement.where
}

# A target without the label counts as production.
in_production if object.get(input.target.labels, "env", "production") == "production"

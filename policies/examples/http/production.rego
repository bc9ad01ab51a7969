# METADATA
# title: Nothing is destroyed in production without a second person
# description: Deletions and what changes the administration wait for somebody on call; unknown methods are refused.
# custom: {severity: high}
package rules.http.production

import rego.v1

import data.requests

approve contains {
	"id": "delete",
	"msg": "DELETE in production",
	"groups": ["on-call"],
	"ttl": "10m",
} if {
	in_production
	requests.purpose == "destroy"
}

approve contains {
	"id": "administration",
	"msg": "change to the administration in production",
	"groups": ["on-call"],
	"ttl": "10m",
} if {
	in_production
	not requests.purpose in {"read", "session"}
	is_administration
}

approve contains {
	"id": "delete-by-graphql",
	"msg": "mutation that deletes in production",
	"groups": ["on-call"],
	"ttl": "10m",
} if {
	in_production
	input.statement.graphql.type == "mutation"
	some field in input.statement.graphql.fields
	deletes(field)
}

deny contains "this method is never allowed in production" if {
	in_production
	input.statement.unit == "request"
	requests.purpose == "other"
}

# Wherever it stands, and however it is spelled: some servers route without case, others under a prefix.
is_administration if {
	some segment in input.statement.segments
	lower(segment) in {"admin", "internal"}
}

deletes(field) if {
	some word in ["delete", "remove", "destroy", "purge"]
	startswith(lower(field), word)
}

# A target without the label counts as production.
in_production if object.get(input.target.labels, "env", "production") == "production"

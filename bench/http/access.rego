# What load tests may do through the gateway, with masks in force beside what they read.
package rules.http.access

import rego.v1

allow contains "load tests may read" if {
	"load-test" in input.principal.groups
	input.statement.command in {"GET", "POST"}
}

deny contains "nobody deletes here" if input.statement.command == "DELETE"

approve contains {"id": "settings", "msg": "settings change with a second pair of eyes", "groups": ["ops"], "ttl": "10m"} if {
	input.statement.command == "PUT"
	startswith(input.statement.path, "/settings/")
}

mask contains {"field": "$..email", "strategy": "partial"} if input.target.name == "lab"

# METADATA
# title: Forwards to what is listed
# description: Each group reaches the places that data.json gives it through the targets named there; nothing listens for callers.
# custom: {severity: high}
package rules.ssh.forwards

import rego.v1

allow contains "the place is listed for the group" if {
	input.statement.command == "FORWARD"
	input.statement.forward.direction == "local"
	some group in input.principal.groups
	some place in data.forwards[group]
	place.target == input.target.name
	place.host == input.statement.forward.host
	place.port == input.statement.forward.port
}

deny contains "no target listens for callers" if {
	input.statement.command == "FORWARD"
	input.statement.forward.direction == "remote"
}

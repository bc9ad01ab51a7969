# METADATA
# title: Who may call what
# description: Engineers read everywhere and write outside production; a team does all with the targets that data.json gives it.
# custom: {severity: high}
package rules.http.access

import rego.v1

import data.requests

allow contains "engineers may read" if {
	is_person
	"engineering" in input.principal.groups
	requests.purpose in {"read", "session"}
}

allow contains "engineers may write outside production" if {
	is_person
	"engineering" in input.principal.groups
	object.get(input.target.labels, "env", "production") != "production"
	requests.purpose in {"write", "destroy", "stream"}
}

allow contains "a team may use its targets" if {
	is_person
	some group in input.principal.groups
	input.target.name in data.team_targets[group]
	requests.purpose in {"read", "write", "destroy", "session", "stream"}
}

is_person if input.principal.kind == "human"

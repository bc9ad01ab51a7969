# METADATA
# title: Schema changes in office hours
# description: Outside Monday to Friday, 08:00 to 18:00 UTC, a second administrator must agree.
# custom: {severity: medium}
package rules.postgres.hours

import rego.v1

import data.commands

approve contains {
	"id": "schema-change-after-hours",
	"msg": "schema change outside office hours",
	"groups": ["dba"],
	"ttl": "30m",
} if {
	object.get(input.target.labels, "env", "production") == "production"
	commands.purpose == "schema"
	not in_office_hours
}

in_office_hours if {
	input.time.weekday >= 1
	input.time.weekday <= 5
	input.time.hour >= 8
	input.time.hour < 18
}

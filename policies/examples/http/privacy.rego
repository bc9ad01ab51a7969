# METADATA
# title: Personal fields are masked
# description: |
#   The fields, wherever they stand in an answer, and the values that are found by what they look like are in data.json,
#   under personal_fields and detected_values.
# custom: {severity: high}
package rules.http.privacy

import rego.v1

mask contains {"field": field, "strategy": strategy} if {
	not "pii-readers" in input.principal.groups
	some field, strategy in data.personal_fields
}

mask contains {"detect": detector, "strategy": strategy} if {
	not "pii-readers" in input.principal.groups
	some detector, strategy in data.detected_values
}

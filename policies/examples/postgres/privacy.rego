# METADATA
# title: Personal columns are masked
# description: The columns and how each is masked are in data.json, under personal_columns.
# custom: {severity: high}
package rules.postgres.privacy

import rego.v1

mask contains {"column": column, "strategy": strategy} if {
	not "pii-readers" in input.principal.groups
	some column, strategy in data.personal_columns
}

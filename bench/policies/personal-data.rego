# METADATA
# title: Personal columns are masked for everyone who is not cleared
# description: In force in the load test, and beside what pgbench reads
# custom: {severity: medium}
package rules.postgres.personal_data

import rego.v1

mask contains {"column": "public.customers.email", "strategy": "partial"} if {
	not "pii-readers" in input.principal.groups
}

mask contains {"column": "public.customers.phone", "strategy": "fixed"} if {
	not "pii-readers" in input.principal.groups
}

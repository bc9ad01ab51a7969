package rules.postgres.privacy_test

import rego.v1

import data.rules.postgres.privacy

test_personal_columns_are_masked if {
	privacy.mask == {
		{"column": "public.users.full_name", "strategy": "hash"},
		{"column": "public.users.email", "strategy": "partial"},
		{"column": "public.users.phone", "strategy": "fixed"},
		{"column": "public.users.birth_date", "strategy": "null"},
	} with input.principal.groups as ["engineering"]
}

test_the_table_decides_which if {
	privacy.mask == {{"column": "crm.leads.name", "strategy": "fixed"}} with input.principal.groups as []
		with data.personal_columns as {"crm.leads.name": "fixed"}
}

test_readers_of_personal_data_see_them if {
	count(privacy.mask) == 0 with input.principal.groups as ["engineering", "pii-readers"]
}

package rules.http.privacy_test

import rego.v1

import data.rules.http.privacy

test_personal_fields_and_cards_are_masked if {
	privacy.mask == {
		{"field": "$..email", "strategy": "partial"},
		{"field": "$..phone", "strategy": "fixed"},
		{"field": "$..birth_date", "strategy": "null"},
		{"detect": "card", "strategy": "fixed"},
	} with input.principal.groups as ["engineering"]
}

test_the_table_decides_which if {
	privacy.mask == {{"field": "$.name", "strategy": "hash"}} with input.principal.groups as []
		with data.personal_fields as {"$.name": "hash"}
		with data.detected_values as {}
}

test_readers_of_personal_data_see_them if {
	count(privacy.mask) == 0 with input.principal.groups as ["engineering", "pii-readers"]
}

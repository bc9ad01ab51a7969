# Which strategy a column gets where several rules name it.
package resolver.masks_test

import data.sallyport.masks

effective(collected) := chosen if {
	pairs := {[pkg, entry] |
		some pkg, entries in collected
		some entry in entries
	}
	chosen := masks.effective with data.sallyport.collected.mask as pairs
}

test_distinct_columns_are_sorted if {
	effective({"rules.a": {
		{"column": "public.t.b", "strategy": "null"},
		{"column": "public.t.a", "strategy": "hash"},
	}}) == [
		{"column": "public.t.a", "strategy": "hash"},
		{"column": "public.t.b", "strategy": "null"},
	]
}

test_the_most_restrictive_wins[pair] if {
	strategies := ["null", "fixed", "hash", "partial"]
	some i, strict in strategies
	some j, lax in strategies
	i <= j
	pair := [strict, lax]
	effective({
		"rules.a": {{"column": "public.t.c", "strategy": lax}, {"column": "public.t.d", "strategy": "hash"}},
		"rules.b": {{"column": "public.t.c", "strategy": strict}},
	}) == [
		{"column": "public.t.c", "strategy": strict},
		{"column": "public.t.d", "strategy": "hash"},
	]
}

test_no_rule_no_mask if {
	effective({}) == []
}

# What the resolver answers for contributions of every shape.
package resolver.decision_test

import data.sallyport
import data.sallyport.shipped

statement := {"nonce": "n1", "kind": "postgres", "statement": {"truncated": false}}

none := {"deny": {}, "allow": {}, "approve": {}, "mask": {}, "infer": {}, "budget": {}}

# By package here, to be read; as sets of [package, entry] there.
pairs(collected) := {word: {[pkg, entry] |
	some pkg, entries in contributed
	some entry in entries
} |
	some word, contributed in object.union(none, collected)
}

answer(collected) := decision if {
	decision := sallyport.decision with input as statement
		with data.sallyport.collected as pairs(collected)
}

refused(collected) := {reason.rule |
	decision := answer(collected)
	decision.verdict == "deny"
	decision.code == "policy-error"
	some reason in decision.reasons
}

test_nothing_contributed_is_a_deny if {
	answer({}) == {
		"nonce": "n1",
		"verdict": "deny",
		"code": "no-rule-allows",
		"reasons": [],
		"approvals": [],
		"masks": [],
	}
}

test_allow_with_the_package_as_rule if {
	answer({"allow": {"rules.a": {"engineers may"}}}) == {
		"nonce": "n1",
		"verdict": "allow",
		"code": "rule-allow",
		"reasons": [{"rule": "rules.a", "message": "engineers may"}],
		"approvals": [],
		"masks": [],
		"infer": [],
		"budget": {},
	}
}

test_allow_with_an_id_of_its_own if {
	decision := answer({"allow": {"rules.a": {{"id": "engineers", "msg": "they may"}}}})
	decision.reasons == [{"rule": "engineers", "message": "they may"}]
}

test_reasons_are_sorted_over_packages if {
	decision := answer({"allow": {"rules.b": {"two", "one"}, "rules.a": {"three"}}})
	[reason.message | some reason in decision.reasons] == ["one", "three", "two"]
}

test_deny_wins_over_everything if {
	decision := answer({
		"deny": {"rules.a": {"never"}},
		"allow": {"rules.a": {"yes"}},
		"approve": {"rules.a": {{"msg": "ask", "groups": ["dba"]}}},
		"mask": {"rules.a": {{"column": "public.t.c", "strategy": "null"}}},
	})
	decision.verdict == "deny"
	decision.code == "rule-deny"
	decision.reasons == [{"rule": "rules.a", "message": "never"}]
	decision.masks == []
}

test_approve_wins_over_allow_and_keeps_the_masks if {
	decision := answer({
		"allow": {"rules.a": {"yes"}},
		"approve": {"rules.b": {{"id": "x", "msg": "ask", "groups": {"ops", "dba"}, "quorum": 2, "ttl": "90s"}}},
		"mask": {"rules.a": {{"column": "public.t.c", "strategy": "null"}}},
	})
	decision.verdict == "hold"
	decision.code == "rule-approve"
	decision.reasons == [{"rule": "x", "message": "ask"}]
	decision.approvals == [{"rule": "x", "message": "ask", "groups": ["dba", "ops"], "quorum": 2, "ttl": "90s"}]
	decision.masks == [{"column": "public.t.c", "strategy": "null"}]
}

test_what_may_be_inferred_is_sorted_and_told_once if {
	decision := answer({
		"allow": {"rules.a": {"yes"}},
		"infer": {"rules.a": {{"column": "public.t.b"}, {"column": "public.t.a"}}, "rules.b": {{"column": "public.t.a"}}},
	})
	decision.infer == ["public.t.a", "public.t.b"]
}

test_the_smallest_budget_of_a_unit_wins if {
	contributed := {
		"rules.a": {{"rows": 1000, "seconds": 5}, {"rows": 10}},
		"rules.b": {{"rows": 20, "statements_per_minute": 60}, {"bytes": 4096}},
	}
	smallest := {"rows": 10, "bytes": 4096, "seconds": 5, "statements_per_minute": 60}
	allowed := answer({"allow": {"rules.a": {"yes"}}, "budget": contributed})
	allowed.budget == smallest
	held := answer({"approve": {"rules.a": {{"msg": "ask", "groups": ["dba"]}}}, "budget": contributed})
	held.budget == smallest
}

test_a_budget_alone_allows_nothing if {
	answer({"budget": {"rules.a": {{"rows": 10}}}}).code == "no-rule-allows"
}

test_malformed_budget[entry] if {
	some entry in [
		"rows",
		7,
		{},
		["rows"],
		{"row": 10},
		{"rows": 0},
		{"rows": -1},
		{"rows": 1.5},
		{"rows": "10"},
		{"rows": null},
		{"rows": 10, "per": "session"},
		{"rows": 10, "seconds": 0},
	]
	refused({"budget": {"rules.a": {entry}}}) == {"rules.a"}
}

test_malformed_infer[entry] if {
	some entry in ["public.t.c", {}, {"column": ""}, {"column": 7}, {"column": "public.t.c", "strategy": "null"}]
	refused({"infer": {"rules.a": {entry}}}) == {"rules.a"}
}

test_approve_without_allow_is_a_hold_with_defaults if {
	decision := answer({"approve": {"rules.a": {{"msg": "ask", "groups": ["dba"]}}}})
	decision.verdict == "hold"
	decision.approvals == [{"rule": "rules.a", "message": "ask", "groups": ["dba"], "quorum": 1, "ttl": "10m"}]
}

test_truncated_facts_are_denied_by_the_shipped_rule if {
	count(shipped.deny) == 1 with input as object.union(statement, {"statement": {"truncated": true}})
	count(shipped.deny) == 0 with input as statement
}

test_no_nonce_no_decision if {
	not sallyport.decision with input as {} with data.sallyport.collected as pairs({})
}

test_malformed_is_a_policy_error_whatever_else_was_said if {
	decision := answer({"deny": {"rules.a": {"never"}}, "allow": {"rules.b": {7}}})
	decision.verdict == "deny"
	decision.code == "policy-error"
	decision.reasons == [{
		"rule": "rules.b",
		"message": "the package contributes a malformed allow entry",
	}]
}

malformed_reasons := [
	"",
	7,
	true,
	null,
	["x"],
	{"id": "x"},
	{"msg": ""},
	{"msg": 7},
	{"msg": "x", "id": ""},
	{"msg": "x", "id": 7},
	{"msg": "x", "extra": true},
]

test_malformed_allow[entry] if {
	some entry in malformed_reasons
	refused({"allow": {"rules.a": {entry}}}) == {"rules.a"}
}

test_malformed_deny[entry] if {
	some entry in malformed_reasons
	refused({"deny": {"rules.a": {entry}}}) == {"rules.a"}
}

test_malformed_approve[entry] if {
	some entry in [
		"text is not enough",
		{"msg": "x"},
		{"groups": ["dba"]},
		{"msg": "x", "groups": []},
		{"msg": "x", "groups": "dba"},
		{"msg": "x", "groups": [""]},
		{"msg": "x", "groups": [7]},
		{"msg": "x", "groups": {"dba": true}},
		{"msg": "x", "groups": ["dba"], "quorum": 0},
		{"msg": "x", "groups": ["dba"], "quorum": 1.5},
		{"msg": "x", "groups": ["dba"], "quorum": "2"},
		{"msg": "x", "groups": ["dba"], "ttl": "10"},
		{"msg": "x", "groups": ["dba"], "ttl": "m"},
		{"msg": "x", "groups": ["dba"], "ttl": "0m"},
		{"msg": "x", "groups": ["dba"], "ttl": "-1m"},
		{"msg": "x", "groups": ["dba"], "ttl": "1h30m"},
		{"msg": "x", "groups": ["dba"], "ttl": "999999h"},
		{"msg": "x", "groups": ["dba"], "ttl": 600},
		{"msg": "x", "groups": ["dba"], "extra": true},
		{"msg": "x", "groups": ["dba"], "id": ""},
	]
	refused({"approve": {"rules.a": {entry}}}) == {"rules.a"}
}

test_malformed_mask[entry] if {
	some entry in [
		"public.t.c",
		{"column": "public.t.c"},
		{"column": "", "strategy": "null"},
		{"column": 7, "strategy": "null"},
		{"column": "public.t.c", "strategy": "partail"},
		{"column": "public.t.c", "strategy": null},
		{"column": "public.t.c", "strategy": "null", "extra": true},
	]
	refused({"mask": {"rules.a": {entry}}}) == {"rules.a"}
}

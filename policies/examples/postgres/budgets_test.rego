package rules.postgres.budgets_test

import rego.v1

import data.rules.postgres.budgets

test_agents_have_a_budget if {
	some budget in budgets.budget with input.principal.kind as "workload"
	budget.rows == 1000
	budget.statements_per_minute == 120
}

test_people_are_not_bounded if {
	count(budgets.budget) == 0 with input.principal.kind as "human"
}

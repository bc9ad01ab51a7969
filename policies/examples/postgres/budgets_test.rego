package rules.postgres.budgets_test

import rego.v1

import data.rules.postgres.budgets

test_agents_take_less_than_people if {
	some person in budgets.budget with input.principal.kind as "human"
	some agent in budgets.budget with input.principal.kind as "workload"
	agent.rows < person.rows
	agent.seconds < person.seconds
}

test_agents_do_not_loop if {
	some agent in budgets.budget with input.principal.kind as "workload"
	agent.statements_per_minute == 120
}

test_one_budget_for_each if {
	every kind in ["human", "workload"] {
		count(budgets.budget) == 1 with input.principal.kind as kind
	}
}

package rules.postgres.hours_test

import rego.v1

import data.rules.postgres.hours

at(weekday, hour) := {
	"target": {"labels": {"env": "production"}},
	"statement": {"command": "ALTER TABLE"},
	"time": {"weekday": weekday, "hour": hour},
}

test_office_hours if {
	every time in [[1, 8], [3, 12], [5, 17]] {
		count(hours.approve) == 0 with input as at(time[0], time[1])
	}
}

test_other_hours if {
	every time in [[1, 7], [5, 18], [6, 12], [0, 12]] {
		count(hours.approve) == 1 with input as at(time[0], time[1])
	}
}

test_targets_without_labels_are_production if {
	count(hours.approve) == 1 with input as at(0, 3) with input.target.labels as {}
}

test_only_schema_changes_in_production if {
	count(hours.approve) == 0 with input as at(0, 3)
		with input.statement.command as "SELECT"
	count(hours.approve) == 0 with input as at(0, 3)
		with input.target.labels.env as "staging"
}

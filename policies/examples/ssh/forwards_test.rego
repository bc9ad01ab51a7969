package rules.ssh.forwards_test

import rego.v1

import data.rules.ssh.forwards

forward(direction, host, port) := {
	"principal": {"groups": ["engineering"]},
	"target": {"name": "web-1"},
	"statement": {"command": "FORWARD", "forward": {"direction": direction, "host": host, "port": port}},
}

test_listed_places_are_reached if {
	count(forwards.allow) == 1 with input as forward("local", "db.internal", 5432)
	count(forwards.allow) == 0 with input as forward("local", "db.internal", 22)
	count(forwards.allow) == 0 with input as forward("local", "db.internal", 5432)
		with input.target.name as "web-2"
	count(forwards.allow) == 0 with input as forward("local", "db.internal", 5432)
		with input.principal.groups as ["sales"]
}

test_nothing_listens if {
	count(forwards.deny) == 1 with input as forward("remote", "db.internal", 5432)
	count(forwards.deny) == 0 with input as forward("local", "db.internal", 5432)
}

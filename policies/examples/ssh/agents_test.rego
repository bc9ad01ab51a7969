package rules.ssh.agents_test

import rego.v1

import data.rules.ssh.agents

ask(command, names) := {
	"principal": {"kind": "workload", "groups": ["agents"]},
	"statement": {"command": command, "shell": {
		"confidence": "static",
		"commands": [{"name": name, "user": "", "opaque": ""} | some name in names],
		"programs": names,
		"writes": [],
		"deletes": [],
	}},
}

test_agents_look_alone if {
	count(agents.allow) == 1 with input as ask("EXEC", ["df"])
	count(agents.approve) == 0 with input as ask("EXEC", ["df"])
	count(agents.allow) == 0 with input as ask("EXEC", ["df"]) with input.principal.groups as ["ci"]
}

test_agents_ask_for_more if {
	count(agents.allow) == 0 with input as ask("EXEC", ["systemctl"])
	count(agents.approve) == 1 with input as ask("EXEC", ["systemctl"])
}

test_agents_get_nothing_else if {
	every command in ["SHELL", "FILE", "FORWARD", "ENV", "AGENT"] {
		count(agents.deny) == 1 with input as ask(command, [])
	}
}

test_people_are_no_agents if {
	count(agents.deny) == 0 with input as ask("SHELL", []) with input.principal.kind as "human"
}

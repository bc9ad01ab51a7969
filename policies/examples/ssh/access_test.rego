package rules.ssh.access_test

import rego.v1

import data.rules.ssh.access

run(groups, env, names) := {
	"principal": {"kind": "human", "groups": groups},
	"target": {"name": "web-1", "labels": {"env": env}},
	"statement": {
		"command": "EXEC",
		"interactive": {"mode": ""},
		"shell": {
			"confidence": "static",
			"commands": [{"name": name, "user": "", "opaque": ""} | some name in names],
			"programs": names,
			"writes": [],
			"deletes": [],
		},
	},
}

shell(mode) := {
	"principal": {"kind": "human", "groups": ["engineering"]},
	"target": {"name": "web-1", "labels": {"env": "staging"}},
	"statement": {"command": "SHELL", "interactive": {"mode": mode}, "shell": {
		"confidence": "",
		"commands": [],
		"programs": [],
		"writes": [],
		"deletes": [],
	}},
}

test_engineers_look_everywhere if {
	access.allow["engineers may look"] with input as run(["engineering"], "production", ["ls"])
	count(access.allow) == 0 with input as run(["sales"], "production", ["ls"])
}

test_engineers_work_outside_production if {
	count(access.allow) == 1 with input as run(["engineering"], "staging", ["systemctl"])
	count(access.allow) == 0 with input as run(["engineering"], "production", ["systemctl"])
	count(access.allow) == 0 with input as run(["engineering"], "staging", ["systemctl"])
		with input.target.labels as {}
}

test_operators_work_everywhere if {
	count(access.allow) == 1 with input as run(["operators"], "production", ["systemctl"])
}

test_unforeseeable_commands_are_for_nobody if {
	every groups in [["engineering"], ["operators"]] {
		count(access.allow) == 0 with input as run(groups, "staging", ["ls"])
			with input.statement.shell.confidence as "dynamic"
	}
}

test_shells_are_guarded if {
	count(access.allow) == 1 with input as shell("guarded")
	count(access.allow) == 0 with input as shell("recorded")
}

test_files_follow_the_work if {
	count(access.allow) == 1 with input as shell("") with input.statement.command as "FILE"
	count(access.allow) == 0 with input as shell("")
		with input.statement.command as "FILE"
		with input.target.labels as {"env": "production"}
}

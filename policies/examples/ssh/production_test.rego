package rules.ssh.production_test

import rego.v1

import data.rules.ssh.production

run(env, names) := {
	"target": {"name": "web-1", "labels": {"env": env}},
	"statement": {
		"command": "EXEC",
		"interactive": {"mode": ""},
		"file": {"operation": ""},
		"shell": {
			"confidence": "static",
			"commands": [{"name": name, "user": "", "opaque": ""} | some name in names],
			"programs": names,
			"writes": [],
			"deletes": [],
		},
	},
}

ids := {approval.id | some approval in production.approve}

test_changes_are_held if {
	ids == {"command"} with input as run("production", ["systemctl"])
	ids == set() with input as run("production", ["ls"])
	ids == set() with input as run("staging", ["systemctl"])
}

test_uploads_are_held if {
	ids == {"file"} with input as run("production", [])
		with input.statement.command as "FILE"
		with input.statement.file.operation as "write"
	ids == set() with input as run("production", [])
		with input.statement.command as "FILE"
		with input.statement.file.operation as "read"
}

test_raw_terminals_are_held if {
	ids == {"raw-terminal"} with input as run("production", [])
		with input.statement.command as "SHELL"
		with input.statement.interactive.mode as "recorded"
	ids == set() with input as run("production", [])
		with input.statement.command as "SHELL"
		with input.statement.interactive.mode as "guarded"
}

test_disks_are_not_made_anew if {
	count(production.deny) == 1 with input as run("production", ["mkfs.ext4"])
	count(production.deny) == 0 with input as run("staging", ["mkfs.ext4"])
}

test_nobody_runs_what_nobody_can_foresee if {
	count(production.deny) == 1 with input as run("production", ["ls"])
		with input.statement.shell.confidence as "unknown"
	count(production.deny) == 0 with input as run("production", ["ls"])
}

package programs_test

import rego.v1

import data.programs

program(name) := {"name": name, "path": name, "args": [], "wrappers": [], "user": "", "opaque": ""}

run(names) := {"statement": {
	"command": "EXEC",
	"shell": {
		"confidence": "static",
		"commands": [program(name) | some name in names],
		"programs": names,
		"writes": [],
		"deletes": [],
	},
}}

test_listed_programs_only_look if {
	programs.only_looks with input as run(["ps", "grep", "wc"])
	not programs.only_looks with input as run(["ps", "kill"])
}

test_writing_and_removing_is_more_than_looking if {
	not programs.only_looks with input as run(["echo"]) with input.statement.shell.writes as ["/etc/motd"]
	not programs.only_looks with input as run(["echo"]) with input.statement.shell.deletes as ["x"]
	programs.only_looks with input as run(["ls"]) with input.statement.shell.writes as ["/dev/null"]
}

test_what_depends_on_the_run_is_not_known if {
	not programs.is_known with input as run(["ls"]) with input.statement.shell.confidence as "dynamic"
	not programs.is_known with input as run(["ls"]) with input.statement.shell.confidence as "unknown"
	not programs.is_known with input as run(["bash"])
		with input.statement.shell.commands as [object.union(program("bash"), {"opaque": "stdin"})]
}

test_looking_as_somebody_else_is_more if {
	not programs.only_looks with input as run(["cat"])
		with input.statement.shell.commands as [object.union(program("cat"), {"user": "root"})]
}

test_pagers_may_run_anything if {
	programs.is_known with input as run(["git"])
	not programs.is_known with input as run(["git"]) with input.statement.pty as true
	programs.is_known with input as run(["git"])
		with input.statement.pty as true
		with input.statement.command as "LINE"
}

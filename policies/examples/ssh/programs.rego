# METADATA
# title: What a command does
# description: |
#   Whether everything that a command or line can run is known, and whether all of it only looks. The programs that only
#   look are in data.json; a program counts by its name, so a target must not let callers put others on its PATH.
package programs

import rego.v1

is_command if input.statement.command in {"EXEC", "LINE"}

default is_known := false

is_known if {
	input.statement.shell.confidence == "static"
	count(opaque) == 0
	count(paging) == 0
}

opaque contains program.name if {
	some program in input.statement.shell.commands
	program.opaque != ""
}

# On a terminal these start a pager, which runs whatever it is told to; guarded shells start none.
paging contains name if {
	input.statement.command == "EXEC"
	input.statement.pty
	some name in input.statement.shell.programs
	name in data.paging_programs
}

default only_looks := false

only_looks if {
	is_known
	count(input.statement.shell.deletes) == 0
	count(written) == 0
	count(unlisted) == 0
	not as_another
}

# What goes to the terminal or to nowhere is not written.
written contains path if {
	some path in input.statement.shell.writes
	not path in {"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"}
}

unlisted contains name if {
	some name in input.statement.shell.programs
	not name in data.looking_programs
}

as_another if {
	some program in input.statement.shell.commands
	program.user != ""
}

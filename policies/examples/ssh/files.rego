# METADATA
# title: Secrets stay where they are
# description: Keys and password files are neither read nor replaced, by whatever way; the paths are in data.json.
# custom: {severity: critical}
package rules.ssh.files

import rego.v1

deny contains "keys and password files are not for callers" if {
	some path in touched
	is_secret(path)
}

touched contains input.statement.file.path if input.statement.command == "FILE"

touched contains input.statement.file.to if input.statement.command == "FILE"

touched contains path if some path in input.statement.shell.reads

touched contains path if some path in input.statement.shell.writes

touched contains path if some path in input.statement.shell.deletes

# A relative path may lead anywhere: its parts decide.
is_secret(path) if {
	some part in split(path, "/")
	part in data.secret_names
}

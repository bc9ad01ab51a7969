package rules.ssh.files_test

import rego.v1

import data.rules.ssh.files

file(path, to) := {"statement": {
	"command": "FILE",
	"file": {"path": path, "to": to},
	"shell": {"reads": [], "writes": [], "deletes": []},
}}

run(reads) := {"statement": {
	"command": "EXEC",
	"file": {"path": "", "to": ""},
	"shell": {"reads": reads, "writes": [], "deletes": []},
}}

test_secrets_are_denied_as_files if {
	count(files.deny) == 1 with input as file("/etc/shadow", "")
	count(files.deny) == 1 with input as file("/home/ada/notes", "/home/ada/.ssh/authorized_keys")
	count(files.deny) == 0 with input as file("/srv/shadows.txt", "")
}

test_secrets_are_denied_in_commands if {
	count(files.deny) == 1 with input as run(["../../etc/shadow"])
	count(files.deny) == 0 with input as run(["/var/log/syslog"])
}

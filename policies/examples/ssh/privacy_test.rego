package rules.ssh.privacy_test

import rego.v1

import data.rules.ssh.privacy

ask(command, groups) := {"principal": {"groups": groups}, "statement": {"command": command}}

test_output_is_masked_for_most if {
	privacy.mask[{"detect": "card", "strategy": "fixed"}] with input as ask("EXEC", ["engineering"])
	count(privacy.mask) == 0 with input as ask("EXEC", ["pii-readers"])
	count(privacy.mask) == 0 with input as ask("FILE", ["engineering"])
}

# METADATA
# title: What looks like a card or a key is masked
# description: In the output of commands. A pattern can be dodged by whoever writes the command; it keeps slips off the screen.
# custom: {severity: medium}
package rules.ssh.privacy

import rego.v1

mask contains {"detect": detector, "strategy": strategy} if {
	input.statement.command in {"EXEC", "LINE"}
	not "pii-readers" in input.principal.groups
	some detector, strategy in data.detected_values
}

// The policies of the arena: work is allowed, of what is known to leave the canaries alone.

import type { PolicyTexts } from '../../../support/gateway-files.ts';

/** @param servicePort to which forwards may lead, wherever the gateway itself lets them */
export const arenaPolicies = (servicePort: number): PolicyTexts => ({
  'arena.rego': `package rules.ssh.arena

import rego.v1

allow contains "known people may work" if {
	"engineering" in input.principal.groups
	input.statement.command in {"EXEC", "LINE", "FILE"}
}

allow contains "a guarded shell" if {
	"engineering" in input.principal.groups
	input.statement.command == "SHELL"
	input.statement.interactive.mode == "guarded"
}

allow contains "what says how to show text" if {
	input.statement.command == "ENV"
	input.statement.env.name in {"LANG", "LC_ALL"}
}

allow contains "the one service, and what clouds tell their machines" if {
	input.statement.command == "FORWARD"
	input.statement.forward.direction == "local"
	input.statement.forward.port in {${servicePort}, 80}
}

allow contains "one socket" if {
	input.statement.command == "FORWARD"
	input.statement.forward.direction == "local"
	startswith(input.statement.forward.host, "/srv/open/")
}

deny contains "nobody can say what this runs" if {
	input.statement.command in {"EXEC", "LINE"}
	input.statement.shell.confidence != "static"
}

deny contains "code that nobody reads" if {
	some each in input.statement.shell.commands
	each.opaque != ""
}

deny contains "the forbidden program" if "forbidden" in input.statement.shell.programs

deny contains "the canary" if {
	some path in touched
	leads_to_canary(path)
}

approve contains {"id": "touch", "msg": "files are made with a second person", "groups": ["on-call"], "ttl": "1m"} if {
	"touch" in input.statement.shell.programs
}

mask contains {"detect": "email", "strategy": "fixed"} if {
	input.statement.command in {"EXEC", "LINE"}
	"printf" in input.statement.shell.programs
}

touched contains input.statement.file.path if input.statement.command == "FILE"

touched contains input.statement.file.to if {
	input.statement.command == "FILE"
	input.statement.file.to != ""
}

touched contains path if some path in input.statement.shell.reads

touched contains path if some path in input.statement.shell.writes

touched contains path if some path in input.statement.shell.deletes

leads_to_canary(path) if "canary" in split(path, "/")

# Above it: who has a directory has what is in it.
leads_to_canary(path) if {
	not ends_below(path)
	input.statement.command != "FILE"
}

leads_to_canary(path) if {
	not ends_below(path)
	input.statement.file.recursive
}

# Patterns, homes and steps upwards may be anything.
leads_to_canary(path) if regex.match(\`[*?\\[~]|^[^/]|(^|/)\\.\\.(/|$)\`, path)

ends_below(path) if {
	some place in {"/open/", "/bin/", "/etc/", "/dev/", "/usr/", "/proc/"}
	contains(path, place)
}
`,
});

# METADATA
# title: One decision out of every contribution
# description: |
#   The only document that the gateway asks for. `data.sallyport.collected` holds, as sets of [package, entry], what the
#   packages under `rules.<kind>` contribute; the order of the answers below is fixed and nobody edits it to write a policy.
package sallyport

import data.sallyport.budgets
import data.sallyport.collected
import data.sallyport.entries
import data.sallyport.masks

# A nonce that is not echoed is a deny: without input this rule is undefined.
decision := {
	"nonce": input.nonce,
	"verdict": "deny",
	"code": "policy-error",
	"reasons": sort(malformed),
	"approvals": [],
	"masks": [],
} if {
	count(malformed) > 0
} else := {
	"nonce": input.nonce,
	"verdict": "deny",
	"code": "rule-deny",
	"reasons": sort(denials),
	"approvals": [],
	"masks": [],
} if {
	count(denials) > 0
} else := {
	"nonce": input.nonce,
	"verdict": "hold",
	"code": "rule-approve",
	"reasons": sort([reason |
		some approval in approvals
		reason := {"rule": approval.rule, "message": approval.message}
	]),
	"approvals": sort(approvals),
	"masks": masks.effective,
	"infer": sort(inferable),
	"budget": budgets.effective,
} if {
	count(approvals) > 0
} else := {
	"nonce": input.nonce,
	"verdict": "allow",
	"code": "rule-allow",
	"reasons": sort(grants),
	"approvals": [],
	"masks": masks.effective,
	"infer": sort(inferable),
	"budget": budgets.effective,
} if {
	count(grants) > 0
} else := {
	"nonce": input.nonce,
	"verdict": "deny",
	"code": "no-rule-allows",
	"reasons": [],
	"approvals": [],
	"masks": [],
}

# Arrays, sorted where they are answered: building sets of objects costs more than all the rules of a package.
denials := [reason |
	some [pkg, entry] in collected.deny
	reason := entries.reason(pkg, entry)
]

grants := [reason |
	some [pkg, entry] in collected.allow
	reason := entries.reason(pkg, entry)
]

# A set: entries that differ in the form of their groups only are one requirement.
approvals := {approval |
	some [pkg, entry] in collected.approve
	approval := entries.approval(pkg, entry)
}

# Masked columns that may decide about rows all the same.
inferable := {entry.column | some [_, entry] in collected.infer}

malformed contains entries.complaint(pkg, "deny") if {
	some [pkg, entry] in collected.deny
	not entries.is_reason(entry)
}

malformed contains entries.complaint(pkg, "allow") if {
	some [pkg, entry] in collected.allow
	not entries.is_reason(entry)
}

malformed contains entries.complaint(pkg, "approve") if {
	some [pkg, entry] in collected.approve
	not entries.is_approval(entry)
}

malformed contains entries.complaint(pkg, "mask") if {
	some [pkg, entry] in collected.mask
	not entries.is_mask(entry)
}

malformed contains entries.complaint(pkg, "infer") if {
	some [pkg, entry] in collected.infer
	not entries.is_infer(entry)
}

malformed contains entries.complaint(pkg, "budget") if {
	some [pkg, entry] in collected.budget
	not entries.is_budget(entry)
}

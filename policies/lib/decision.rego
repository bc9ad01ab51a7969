# METADATA
# title: One decision out of every contribution
# description: |
#   The only document that the gateway asks for. `data.sallyport.collected` lists what the packages under
#   `rules.<kind>` contribute; the order of the answers below is fixed and nobody edits it to write a policy.
package sallyport

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
	"reasons": sort({{"rule": approval.rule, "message": approval.message} | some approval in approvals}),
	"approvals": sort(approvals),
	"masks": masks.effective,
} if {
	count(approvals) > 0
} else := {
	"nonce": input.nonce,
	"verdict": "allow",
	"code": "rule-allow",
	"reasons": sort(grants),
	"approvals": [],
	"masks": masks.effective,
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

denials contains {
	"rule": "sallyport.truncated",
	"message": "the statement's facts were cut short, so it cannot be judged",
} if {
	input.statement.truncated == true
}

denials contains entries.reason(given.package, given.entry) if some given in collected.deny

grants contains entries.reason(given.package, given.entry) if some given in collected.allow

approvals contains entries.approval(given.package, given.entry) if some given in collected.approve

malformed contains entries.complaint(given.package, "deny") if {
	some given in collected.deny
	not entries.is_reason(given.entry)
}

malformed contains entries.complaint(given.package, "allow") if {
	some given in collected.allow
	not entries.is_reason(given.entry)
}

malformed contains entries.complaint(given.package, "approve") if {
	some given in collected.approve
	not entries.is_approval(given.entry)
}

malformed contains entries.complaint(given.package, "mask") if {
	some given in collected.mask
	not entries.is_mask(given.entry)
}

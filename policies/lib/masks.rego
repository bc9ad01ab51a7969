# METADATA
# title: One mask a selector
# description: |
#   What is masked is a column, a field of documents or what a detector finds. Of several masks on the same one the most
#   restrictive strategy wins (null, fixed, hash, partial), never the last writer.
package sallyport.masks

import data.sallyport.collected

demanded := [entry |
	some [_, entry] in collected.mask
]

# Mostly nothing is named twice, and what was contributed is the answer.
effective := sort(demanded) if {
	count({selector(entry) | some entry in demanded}) == count(demanded)
} else := sort([mask |
	some [name, value], strategies in by_selector
	mask := {name: value, "strategy": strictest(strategies)}
])

by_selector[selector(entry)] contains entry.strategy if some entry in demanded

selector(entry) := ["column", entry.column]

selector(entry) := ["field", entry.field]

selector(entry) := ["detect", entry.detect]

strictest(strategies) := "null" if {
	"null" in strategies
} else := "fixed" if {
	"fixed" in strategies
} else := "hash" if {
	"hash" in strategies
} else := "partial"

# METADATA
# title: One mask a column
# description: On one column the most restrictive strategy wins (null, fixed, hash, partial), never the last writer.
package sallyport.masks

import data.sallyport.collected

demanded := [entry |
	some [_, entry] in collected.mask
]

# Mostly no column is named twice, and what was contributed is the answer.
effective := sort(demanded) if {
	count({entry.column | some entry in demanded}) == count(demanded)
} else := sort([{"column": column, "strategy": strictest(strategies)} |
	some column, strategies in by_column
])

by_column[entry.column] contains entry.strategy if some entry in demanded

strictest(strategies) := "null" if {
	"null" in strategies
} else := "fixed" if {
	"fixed" in strategies
} else := "hash" if {
	"hash" in strategies
} else := "partial"

# METADATA
# title: One mask a column
# description: On one column the most restrictive strategy wins (null, fixed, hash, partial), never the last writer.
package sallyport.masks

import data.sallyport.collected

effective := sort({{"column": column, "strategy": strictest(strategies)} |
	some column, strategies in demanded
})

demanded[given.entry.column] contains given.entry.strategy if some given in collected.mask

strictest(strategies) := "null" if {
	"null" in strategies
} else := "fixed" if {
	"fixed" in strategies
} else := "hash" if {
	"hash" in strategies
} else := "partial"

# METADATA
# title: One bound for each unit
# description: What a statement may spend is bounded by every rule that says so; the smallest bound of a unit wins.
package sallyport.budgets

import data.sallyport.collected

effective := {unit: min(found) | some unit, found in bounds}

bounds[unit] contains bound if {
	some [_, entry] in collected.budget
	some unit, bound in entry
}

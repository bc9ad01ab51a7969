# METADATA
# title: The shapes of contributions
# description: |
#   Entries pass through functions because their arguments are of any type to the compiler: what an author writes is
#   judged here when it is evaluated, and never breaks the compilation of these files.
package sallyport.entries

# A string is short for {"id": <package>, "msg": <string>}.
reason(pkg, entry) := {"rule": object.get(entry, "id", pkg), "message": entry.msg} if {
	is_object(entry)
} else := {"rule": pkg, "message": entry}

approval(pkg, entry) := {
	"rule": object.get(entry, "id", pkg),
	"message": entry.msg,
	"groups": sort({group | some group in entry.groups}),
	"quorum": object.get(entry, "quorum", 1),
	"ttl": object.get(entry, "ttl", "10m"),
}

complaint(pkg, set) := {
	"rule": pkg,
	"message": concat("", ["the package contributes a malformed ", set, " entry"]),
}

is_reason(entry) if {
	is_text(entry)
}

is_reason(entry) if {
	is_object(entry)
	is_text(entry.msg)
	every key, value in entry {
		is_reason_field(key, value)
	}
}

is_reason_field("msg", _)

is_reason_field("id", value) if is_text(value)

is_approval(entry) if {
	is_object(entry)
	is_text(entry.msg)
	count(entry.groups) > 0
	every key, value in entry {
		is_approval_field(key, value)
	}
}

is_approval_field("msg", _)

is_approval_field("id", value) if is_text(value)

is_approval_field("groups", groups) if {
	is_list(groups)
	every group in groups {
		is_text(group)
	}
}

is_approval_field("quorum", value) if {
	value in {1, 2, 3, 4, 5, 6, 7, 8, 9}
}

# A whole number of seconds, minutes or hours: "90s", "10m", "1h".
is_approval_field("ttl", value) if {
	is_string(value)
	count(value) <= 6
	trim_left(value, "123456789") != value
	trim_left(value, "0123456789") in {"s", "m", "h"}
}

is_mask(entry) if {
	is_object(entry)
	count(entry) == 2
	some name in ["column", "field", "detect"]
	is_text(entry[name])
	is_strategy(entry.strategy)
}

is_infer(entry) if {
	is_object(entry)
	count(entry) == 1
	is_text(entry.column)
}

# At least one unit, each with a positive whole number.
is_budget(entry) if {
	is_object(entry)
	count(entry) > 0
	every unit, bound in entry {
		is_budget_unit(unit)
		is_positive(bound)
	}
}

is_budget_unit("rows")

is_budget_unit("bytes")

is_budget_unit("seconds")

is_budget_unit("statements_per_minute")

is_positive(bound) if {
	is_number(bound)
	bound > 0
	bound % 1 == 0
}

is_strategy("null")

is_strategy("fixed")

is_strategy("hash")

is_strategy("partial")

is_text(value) if {
	is_string(value)
	value != ""
}

is_list(value) if is_array(value)

is_list(value) if is_set(value)

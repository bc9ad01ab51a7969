# METADATA
# title: Rules that come with the gateway
# description: They contribute to the decisions about every kind of statement, as an author's packages do to their own.
package sallyport.shipped

deny contains {"id": "sallyport.truncated", "msg": "the statement's facts were cut short, so it cannot be judged"} if {
	input.statement.truncated == true
}

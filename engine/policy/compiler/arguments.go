// Builtins that answer as OPA's evaluator does for some arguments only: those must be written out, to be proven here.
package main

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// rangeMax bounds the numbers that numbers.range makes.
const rangeMax = 1000

// exactMax is where whole numbers stop being exact in a compiled module.
const exactMax = 1 << 53

type argumentRule struct {
	holds func(args []*ast.Term) bool
	// hint says what the builtin takes.
	hint string
}

var argumentRules = map[string]argumentRule{
	// An empty needle never ends in a compiled module.
	"replace": {holds: func(args []*ast.Term) bool { return isText(args[1]) },
		hint: `replace(text, "old", new), with the old text written out and not empty`},
	// An empty needle is found in a compiled module, and undefined to OPA.
	"indexof": {holds: func(args []*ast.Term) bool { return isText(args[1]) },
		hint: `indexof(text, "needle"), with the needle written out and not empty`},
	"substring": {holds: func(args []*ast.Term) bool { return isWithin(args[1], 0) && isWithin(args[2], -1) },
		hint: "substring(text, 0, 3), with offset and length written out; -1 is the rest"},
	"array.slice": {holds: func(args []*ast.Term) bool { return isWithin(args[1], 0) && isWithin(args[2], 0) },
		hint: "array.slice(values, 0, 3), with both places written out"},
	"rem": {holds: func(args []*ast.Term) bool { return isWithin(args[1], 1) },
		hint: "number % 7, with the divisor written out and above 0"},
	"numbers.range": {holds: isShortRange,
		hint: "numbers.range(0, 23), with both numbers written out and at most 1000 apart"},
	// Of no objects, the union is undefined in a compiled module.
	"object.union_n": {holds: func(args []*ast.Term) bool { return isFilledArray(args[0]) },
		hint: "object.union_n([one, other]), with the list written out and not empty"},
}

func isText(term *ast.Term) bool {
	text, ok := term.Value.(ast.String)
	return ok && text != ""
}

func isWithin(term *ast.Term, least int) bool {
	number, ok := term.Value.(ast.Number)
	if !ok {
		return false
	}
	whole, ok := number.Int()
	return ok && whole >= least && whole < exactMax && isPlain(number)
}

func isShortRange(args []*ast.Term) bool {
	if !isWithin(args[0], -exactMax) || !isWithin(args[1], -exactMax) {
		return false
	}
	first, _ := args[0].Value.(ast.Number).Int()
	last, _ := args[1].Value.(ast.Number).Int()
	return max(first-last, last-first) <= rangeMax
}

func isFilledArray(term *ast.Term) bool {
	list, ok := term.Value.(*ast.Array)
	return ok && list.Len() > 0
}

// isMixed tells a list of constants and computed values: the index of OPA's own evaluator, which runs the tests of
// policies, overlooks the computed ones.
func isMixed(list *ast.Term) bool {
	var items []*ast.Term
	switch value := list.Value.(type) {
	case ast.Set:
		items = value.Slice()
	case *ast.Array:
		value.Foreach(func(item *ast.Term) { items = append(items, item) })
	}
	constant := func(item *ast.Term) bool { return ast.IsConstant(item.Value) }
	return slices.ContainsFunc(items, constant) && slices.ContainsFunc(items, func(item *ast.Term) bool { return !constant(item) })
}

func (r *refuser) arguments(name string, args []*ast.Term, at *ast.Location) {
	if name == ast.Member.Name && len(args) == 2 && isMixed(args[1]) {
		r.found.add("membership-mixed", at, "a list of constants and computed values is not the same to every engine",
			"two rules: value in {the constants}, and value == the computed one")
	}
	rule, ok := argumentRules[name]
	if !ok || len(args) < len(r.t.all[name].Decl.FuncArgs().Args) || rule.holds(args) {
		return
	}
	r.found.add("argument-unproven", at, "these arguments of "+name+" are not proven safe", rule.hint)
}

// isPlain says that a number is written as every engine prints it: 1, and neither 1.0 nor 1e0.
func isPlain(number ast.Number) bool { return !strings.ContainsAny(string(number), ".eE") }

// numbers refuses whole numbers in another notation: a compiled module looks up nothing under 1.0.
func (r *refuser) numbers(module *ast.Module) {
	ast.WalkTerms(module, func(term *ast.Term) bool {
		if number, ok := term.Value.(ast.Number); ok && !isPlain(number) {
			if value, exact := number.Float64(); exact && value == float64(int64(value)) {
				r.found.add("number-notation", term.Location, string(number)+" is a whole number in another notation",
					"write: "+ast.IntNumberTerm(int(value)).String())
			}
		}
		return false
	})
}

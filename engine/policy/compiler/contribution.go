// The shape of allow, deny, approve, mask, infer and budget entries, as far as it can be read from the rule's head.
package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

type entryShape struct {
	required, optional []string
	// one lists keys of which an entry has exactly one.
	one []string
	// some lists keys of which an entry has at least one, with whole numbers above 0.
	some []string
	// text says that a plain string is a whole entry.
	text bool
}

var entryShapes = map[string]entryShape{
	"allow":   {required: []string{"msg"}, optional: []string{"id"}, text: true},
	"deny":    {required: []string{"msg"}, optional: []string{"id"}, text: true},
	"approve": {required: []string{"msg", "groups"}, optional: []string{"id", "quorum", "ttl"}},
	"budget":  {some: []string{"rows", "bytes", "seconds", "statements_per_minute"}},
	"infer":   {required: []string{"column"}},
	"mask":    {required: []string{"strategy"}, one: []string{"column", "field", "detect"}},
}

var maskStrategies = []string{"null", "fixed", "hash", "partial"}

func (r *refuser) contribution(rule *ast.Rule) {
	ref := rule.Head.Ref()
	word, at := ref[0].Value.String(), rule.Head.Location
	shape, known := entryShapes[word]
	if !known {
		r.nearMiss(rule, word)
		return
	}
	if len(ref) != 1 || rule.Head.RuleKind() != ast.MultiValue || len(rule.Head.Args) > 0 {
		r.found.add("contribution-kind", at, word+" must be a set that rules contribute to",
			"write: "+word+" contains "+exampleOf(word)+" if { ... }")
		return
	}
	switch entry := rule.Head.Key.Value.(type) {
	case ast.Object:
		r.object(word, shape, entry, at)
	case ast.String:
		if !shape.text || entry == "" {
			r.malformed(at, word, "a string is not enough")
		}
	case ast.Number, ast.Boolean, ast.Null, *ast.Array, ast.Set:
		r.malformed(at, word, "not "+ast.ValueName(entry))
	}
}

func (r *refuser) object(word string, shape entryShape, entry ast.Object, at *ast.Location) {
	chosen := 0
	for _, key := range entry.Keys() {
		name, ok := key.Value.(ast.String)
		if !ok {
			return
		}
		switch {
		case slices.Contains(shape.one, string(name)):
			chosen++
		case slices.Contains(shape.some, string(name)):
			chosen++
			r.bound(word, entry.Get(key))
		case !slices.Contains(slices.Concat(shape.required, shape.optional), string(name)):
			r.malformed(key.Location, word, fmt.Sprintf("unknown key %q", string(name)))
		}
	}
	if len(shape.one) > 0 && chosen != 1 {
		r.malformed(at, word, "exactly one key of "+strings.Join(shape.one, ", ")+" is needed")
	}
	if len(shape.some) > 0 && chosen == 0 {
		r.malformed(at, word, "a key of "+strings.Join(shape.some, ", ")+" is needed")
	}
	for _, name := range shape.required {
		if entry.Get(ast.StringTerm(name)) == nil {
			r.malformed(at, word, fmt.Sprintf("key %q is missing", name))
		}
	}
	if strategy := entry.Get(ast.StringTerm("strategy")); word == "mask" && strategy != nil {
		text, ok := strategy.Value.(ast.String)
		if ok && !slices.Contains(maskStrategies, string(text)) {
			r.malformed(strategy.Location, word, fmt.Sprintf("unknown strategy %q", string(text)))
		}
	}
}

// bound refuses what is written out and is no whole number above 0.
func (r *refuser) bound(word string, term *ast.Term) {
	number, ok := term.Value.(ast.Number)
	if whole, isWhole := number.Int64(); ok && isWhole && whole > 0 {
		return
	}
	if ok || ast.IsConstant(term.Value) {
		r.malformed(term.Location, word, "a bound must be a whole number above 0")
	}
}

func (r *refuser) malformed(at *ast.Location, word, what string) {
	r.found.add("contribution-shape", at, word+" entry: "+what, "write: "+word+" contains "+exampleOf(word))
}

func exampleOf(word string) string {
	switch word {
	case "approve":
		return `{"msg": "...", "groups": ["..."]} (and id, quorum, ttl)`
	case "budget":
		return `{"rows": 1000} (or bytes, seconds, statements_per_minute)`
	case "infer":
		return `{"column": "schema.table.column"}`
	case "mask":
		return `{"column": "schema.table.column", "strategy": "` + strings.Join(maskStrategies, "|") +
			`"} (or field, detect in place of column)`
	}
	return `"why" or {"id": "...", "msg": "why"}`
}

// nearMiss catches a misspelt contribution: as a set of another name it would silently never count.
func (r *refuser) nearMiss(rule *ast.Rule, word string) {
	if rule.Head.RuleKind() != ast.MultiValue || len(rule.Head.Ref()) != 1 {
		return
	}
	for _, name := range contributionNames {
		if distance(word, name) == 1 {
			r.found.add("contribution-name", rule.Head.Location, word+" is not read by the gateway",
				"write "+name+", or name a helper set differently")
		}
	}
}

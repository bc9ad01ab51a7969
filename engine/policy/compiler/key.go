// Keys of documents: OPA's evaluator looks a document up by the text of each key, so that 2 finds "2" and "0" finds the
// first of a list; a compiled module tells them apart. Where that could be seen, the policy must name the document first.
package main

import (
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
)

// documentKeys needs names resolved. Modules are the author's.
func (r *refuser) documentKeys(modules []*ast.Module, data map[string]any) {
	for _, module := range modules {
		for _, rule := range module.Rules {
			bound := newOrderer(r, rule)
			ast.WalkRefs(rule, func(ref ast.Ref) bool {
				if ref[0].Equal(ast.DefaultRootDocument) {
					bound.documentKey(ref, data)
				}
				return false
			})
		}
	}
}

// documentKey follows a reference through every document that it can lead to.
func (o *orderer) documentKey(ref ast.Ref, data map[string]any) {
	documents := []any{data}
	for _, term := range ref[1:] {
		var inner []any
		for _, document := range documents {
			if !o.fits(term, document) {
				o.r.found.add("document-key", term.Location,
					"this key may be a number where the document has texts, or a text where it has positions",
					"name the document first: table := data.name, then table[key]")
				return
			}
			inner = append(inner, membersOf(term, document)...)
		}
		documents = inner
	}
}

// fits says that the term finds in the document only what has a key of the term's own type.
func (o *orderer) fits(term *ast.Term, document any) bool {
	text, isText := term.Value.(ast.String)
	_, isNumber := term.Value.(ast.Number)
	switch document := document.(type) {
	case []any:
		return isNumber || o.iterates(term) || isText && !isWhole(string(text))
	case map[string]any:
		if isText || o.iterates(term) {
			return true
		}
		for key := range document {
			if isWhole(key) {
				return false
			}
		}
	}
	return true
}

func isWhole(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil
}

func membersOf(term *ast.Term, document any) []any {
	var members []any
	switch document := document.(type) {
	case map[string]any:
		if name, ok := term.Value.(ast.String); ok {
			if member, ok := document[string(name)]; ok {
				return []any{member}
			}
			return nil
		}
		for _, member := range document {
			members = append(members, member)
		}
	case []any:
		members = document
	}
	return members
}

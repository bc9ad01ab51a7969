// What rules can read of the input: never less than they do. A reference by a computed key widens to the whole subtree.
package main

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// inputPaths is a set of paths into the input, by their words joined with NUL; "" is the whole of it.
type inputPaths map[string]bool

// ruleReads is what one rule reads itself: of the input, and of `data` where that is made by rules.
type ruleReads struct {
	input inputPaths
	data  []ast.Ref
}

// pathFinder answers for whole rules, with everything that they refer to.
type pathFinder struct {
	rules *ruleNode
	own   map[*ast.Rule]ruleReads
	// referred are the rules that others refer to.
	referred map[*ast.Rule]bool
}

// ruleNode is a tree of rules by the words of their paths.
type ruleNode struct {
	rules    []*ast.Rule
	children map[string]*ruleNode
}

func newPathFinder(modules map[string]*ast.Module) *pathFinder {
	f := &pathFinder{rules: &ruleNode{}, own: map[*ast.Rule]ruleReads{}, referred: map[*ast.Rule]bool{}}
	for _, module := range modules {
		for _, rule := range module.Rules {
			f.rules.add(groundWords(rule.Path()[1:]), rule)
		}
	}
	return f
}

func (n *ruleNode) add(path []string, rule *ast.Rule) {
	for _, word := range path {
		if n.children == nil {
			n.children = map[string]*ruleNode{}
		}
		if n.children[word] == nil {
			n.children[word] = &ruleNode{}
		}
		n = n.children[word]
	}
	n.rules = append(n.rules, rule)
}

// under visits every rule that a reference by this path can evaluate: on the way to it and below it.
func (n *ruleNode) under(path []string, visit func(*ast.Rule)) {
	for _, rule := range n.rules {
		visit(rule)
	}
	if len(path) > 0 {
		if child := n.children[path[0]]; child != nil {
			child.under(path[1:], visit)
		}
		return
	}
	for _, child := range n.children {
		child.under(nil, visit)
	}
}

// closure adds to `paths` what the rule and all that it refers to read; `seen` is what was added before.
func (f *pathFinder) closure(rule *ast.Rule, paths inputPaths, seen map[*ast.Rule]bool) {
	if seen[rule] {
		return
	}
	seen[rule] = true
	own, known := f.own[rule]
	if !known {
		own = readsOf(rule)
		f.own[rule] = own
	}
	for path := range own.input {
		paths[path] = true
	}
	for _, ref := range own.data {
		f.rules.under(groundWords(ref[1:]), func(other *ast.Rule) {
			f.referred[other] = true
			f.closure(other, paths, seen)
		})
	}
}

// readsOf looks at every term of a rule with its `else` branches.
func readsOf(rule *ast.Rule) ruleReads {
	reads := ruleReads{input: inputPaths{}}
	var visitor *ast.GenericVisitor
	lookup := func(call []*ast.Term) bool {
		path, ok := inputLookup(call)
		if ok {
			reads.input.add(path)
			visitor.Walk(call[3])
		}
		return ok
	}
	visitor = ast.NewGenericVisitor(func(node any) bool {
		switch x := node.(type) {
		case *ast.Expr:
			if call, ok := x.Terms.([]*ast.Term); ok && lookup(call) {
				for _, modifier := range x.With {
					visitor.Walk(modifier)
				}
				return true
			}
		case ast.Call:
			return lookup(x)
		case ast.Ref:
			if x[0].Equal(ast.InputRootDocument) {
				reads.input.add(x)
			} else if x[0].Equal(ast.DefaultRootDocument) {
				reads.data = append(reads.data, x)
			}
			for _, term := range x[1:] {
				visitor.Walk(term)
			}
			_, plain := x[0].Value.(ast.Var)
			return plain
		case ast.Var:
			if x.Equal(ast.InputRootDocument.Value) {
				reads.input[""] = true
			} else if x.Equal(ast.DefaultRootDocument.Value) {
				reads.data = append(reads.data, ast.DefaultRootRef)
			}
		}
		return false
	})
	visitor.Walk(rule)
	// The terms of a head like p[input.a].b are not part of that walk.
	for _, term := range rule.Head.Reference[min(1, len(rule.Head.Reference)):] {
		visitor.Walk(term)
	}
	return reads
}

// add widens where a word could not be found again: NUL joins words here, and U+FFFD also stands for what was no text.
func (p inputPaths) add(ref ast.Ref) {
	words := groundWords(ref[1:])
	if at := slices.IndexFunc(words, isLost); at >= 0 {
		words = words[:at]
	}
	p[strings.Join(words, "\x00")] = true
}

func isLost(word string) bool { return strings.ContainsAny(word, "\x00\ufffd") }

// sorted is the paths that no other path of the set contains.
func (p inputPaths) sorted() [][]string {
	// The nonce is no fact: rules that can read it are given everything, and never answered from a memo.
	if p[""] || p["nonce"] {
		return [][]string{{}}
	}
	paths := [][]string{}
	for _, path := range sortedKeys(p) {
		words := strings.Split(path, "\x00")
		covered := slices.ContainsFunc(paths, func(known []string) bool {
			return len(known) <= len(words) && slices.Equal(known, words[:len(known)])
		})
		if !covered {
			paths = append(paths, words)
		}
	}
	return paths
}

// groundWords is the part of a path that is written out.
func groundWords(ref ast.Ref) []string {
	var words []string
	for _, term := range ref {
		word, ok := term.Value.(ast.String)
		if !ok {
			break
		}
		words = append(words, string(word))
	}
	return words
}

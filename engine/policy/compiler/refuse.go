// Refusals of our own, found on the syntax tree: packages that are not the author's, builtins outside the
// capabilities, patterns that could fail while a decision is made.
package main

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

type refuser struct {
	t     *toolchain
	found *diagnostics
}

func (r *refuser) module(module *ast.Module) {
	r.packageOf(module)
	r.builtins(module)
	if isTestFile(module.Package.Location.File) {
		return
	}
	r.order(module)
	r.numbers(module)
	if kindOf(module.Package.Path) == "" {
		return
	}
	for _, rule := range module.Rules {
		r.contribution(rule)
	}
}

// isReserved tells the names at the root that are the gateway's own.
func isReserved(root *ast.Term) bool {
	word, ok := root.Value.(ast.String)
	return ok && (word == "sallyport" || strings.HasPrefix(string(word), "sallyport_"))
}

func (r *refuser) packageOf(module *ast.Module) {
	path, at := module.Package.Path, module.Package.Location
	if isReserved(path[1]) {
		r.found.add("package-reserved", at, "package "+packageName(path)+" belongs to the gateway",
			"name the package rules.<kind>.<name>, or lib.<name> for helpers")
		return
	}
	if isWord(path[1], "rules") && !slices.Contains(r.t.kinds, kindOf(path)) {
		r.found.add("package-kind", at, fmt.Sprintf("package %s: nothing is judged under this kind", packageName(path)),
			"rules.<kind>, with kind one of "+strings.Join(r.t.kinds, ", "))
	}
	for _, term := range path[1:] {
		if word, ok := term.Value.(ast.String); !ok || !plainWord.MatchString(string(word)) {
			r.found.add("package-name", at, "package "+packageName(path)+" is named in a record and on a screen",
				"use letters, digits, _ and -")
			return
		}
	}
}

func (r *refuser) builtins(module *ast.Module) {
	own := map[string]bool{}
	for _, rule := range module.Rules {
		own[rule.Head.Ref()[0].Value.String()] = true
	}
	for _, imported := range module.Imports {
		own[string(imported.Name())] = true
	}
	visitCalls(module, func(name string, args []*ast.Term, at *ast.Location) {
		if root, _, _ := strings.Cut(name, "."); own[root] {
			return
		}
		if r.t.all[name] != nil && !r.t.allows(name) {
			r.call(name, at)
		} else {
			r.pattern(name, args, at)
			r.arguments(name, args, at)
		}
	})
	ast.WalkTerms(module, func(term *ast.Term) bool {
		if _, ok := term.Value.(*ast.TemplateString); ok && !r.t.allows(ast.InternalTemplateString.Name) {
			r.call(ast.InternalTemplateString.Name, term.Location)
		}
		return false
	})
}

// visitCalls sees every call, be it an expression or inside one, by the name that was written.
func visitCalls(node any, visit func(name string, args []*ast.Term, at *ast.Location)) {
	ast.NewGenericVisitor(func(node any) bool {
		var terms []*ast.Term
		switch x := node.(type) {
		case *ast.Expr:
			terms, _ = x.Terms.([]*ast.Term)
		case ast.Call:
			terms = x
		}
		if len(terms) > 0 {
			if _, ok := terms[0].Value.(ast.Ref); ok {
				visit(terms[0].Value.String(), terms[1:], terms[0].Location)
			}
		}
		return false
	}).Walk(node)
}

func (r *refuser) call(name string, at *ast.Location) {
	shown := name
	if infix := r.t.all[name].Infix; infix != "" {
		shown = infix
	} else if name == ast.InternalTemplateString.Name {
		shown = `$"..."`
	}
	r.found.add("builtin-refused", at, shown+" is not available in policies", r.t.insteadOf(name))
}

// pattern refuses what would make a rule silently not fire: a bad pattern is undefined, not an error.
func (r *refuser) pattern(name string, args []*ast.Term, at *ast.Location) {
	var check func(text string) error
	switch name {
	case "regex.match":
		check = func(text string) error { _, err := regexp.Compile(text); return err }
	case "net.cidr_contains":
		check = func(text string) error { _, err := netip.ParsePrefix(text); return err }
	}
	if check == nil || len(args) == 0 {
		return
	}
	text, ok := args[0].Value.(ast.String)
	if !ok {
		r.found.add("pattern-dynamic", at, "the first argument of "+name+" must be written out",
			"a pattern that cannot be checked here could make the rule silently not fire")
	} else if err := check(string(text)); err != nil {
		r.found.add("pattern-invalid", args[0].Location, err.Error(), "")
	}
}

func (t *toolchain) allows(name string) bool {
	return slices.ContainsFunc(t.allowed.Builtins, func(b *ast.Builtin) bool { return b.Name == name })
}

// insteadOf finds the advice for a builtin, or else for the longest family that it belongs to.
func (t *toolchain) insteadOf(name string) string {
	for key := name; key != ""; {
		if hint := t.instead[key]; hint != "" {
			return hint
		}
		dot := strings.LastIndex(strings.TrimSuffix(key, ".*"), ".")
		if dot < 0 {
			break
		}
		key = key[:dot] + ".*"
	}
	return "see docs/reference/builtins.md"
}

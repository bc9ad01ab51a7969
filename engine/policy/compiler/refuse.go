// Refusals of our own, found on the syntax tree: builtins outside the capabilities, packages that are
// not the author's, and contributions that the resolver could only answer with an error.
package main

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

type refuser struct {
	t     *toolchain
	found *diagnostics
}

func (r *refuser) module(module *ast.Module) {
	r.packageOf(module)
	r.builtins(module)
	if kindOf(module.Package.Path) == "" || isTestFile(module.Package.Location.File) {
		return
	}
	for _, rule := range module.Rules {
		r.contribution(rule)
	}
}

func (r *refuser) packageOf(module *ast.Module) {
	path, at := module.Package.Path, module.Package.Location
	if isWord(path[1], "sallyport") {
		r.found.add("package-reserved", at, "package "+packageName(path)+" belongs to the gateway",
			"name the package rules.<kind>.<name>, or lib.<name> for helpers")
		return
	}
	if !isWord(path[1], "rules") {
		return
	}
	kind := kindOf(path)
	for _, known := range r.t.kinds {
		if kind == known {
			return
		}
	}
	r.found.add("package-kind", at, fmt.Sprintf("package %s: nothing is judged under this kind", packageName(path)),
		"rules.<kind>, with kind one of "+strings.Join(r.t.kinds, ", "))
}

func (r *refuser) builtins(module *ast.Module) {
	own := map[string]bool{}
	for _, rule := range module.Rules {
		own[rule.Head.Ref()[0].Value.String()] = true
	}
	for _, imported := range module.Imports {
		own[string(imported.Name())] = true
	}
	visit := func(operator *ast.Term) {
		ref, ok := operator.Value.(ast.Ref)
		if !ok || own[ref[0].Value.String()] {
			return
		}
		r.call(ref.String(), operator.Location)
	}
	ast.NewGenericVisitor(func(node any) bool {
		switch x := node.(type) {
		case *ast.Expr:
			if terms, ok := x.Terms.([]*ast.Term); ok {
				visit(terms[0])
			}
		case ast.Call:
			visit(x[0])
		case *ast.Term:
			if _, ok := x.Value.(*ast.TemplateString); ok {
				r.call(ast.InternalTemplateString.Name, x.Location)
			}
		}
		return false
	}).Walk(module)
}

func (r *refuser) call(name string, at *ast.Location) {
	builtin, exists := r.t.all[name]
	if !exists || r.allows(name) {
		return
	}
	shown := name
	if builtin.Infix != "" {
		shown = builtin.Infix
	}
	hint := r.t.instead[name]
	if hint == "" {
		family, _, _ := strings.Cut(name, ".")
		hint = r.t.instead[family+".*"]
	}
	r.found.add("builtin-refused", at, shown+" is not available in policies", hint)
}

func (r *refuser) allows(name string) bool {
	for _, builtin := range r.t.allowed.Builtins {
		if builtin.Name == name {
			return true
		}
	}
	return false
}

// The explaining module: the same policies with, beside each contribution, a rule that says that it fired.
package main

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	firedEntrypoint = "sallyport/fired/rules"
	firedName       = libPrefix + "fired.rego"
	// firedSet is the set added to each package; no author's name starts so.
	firedSet = "__sallyport_fired__"
)

// withFired adds, to copies of the modules, a set per package: where each contribution that fired stands.
func (p *program) withFired() map[string]*ast.Module {
	modules := map[string]*ast.Module{}
	packages := map[string]ast.Ref{}
	for name, module := range p.modules {
		modules[name] = module
		if p.user[name] == nil || isTestFile(name) || kindOf(module.Package.Path) == "" {
			continue
		}
		extended := module.Copy()
		for _, rule := range module.Rules {
			if word := contributionName(rule); word != "" {
				extended.Rules = append(extended.Rules, firedRule(rule, extended, word))
				packages[packageName(module.Package.Path)] = module.Package.Path
			}
		}
		modules[name] = extended
	}
	var text strings.Builder
	text.WriteString("package sallyport.fired\n\nrules contains {} if false\n")
	for _, pkg := range sortedKeys(packages) {
		ref := packages[pkg]
		fmt.Fprintf(&text, "\nrules contains place if {\n\tinput.kind == %v\n", ast.String(kindOf(ref)))
		fmt.Fprintf(&text, "\tsome place in %v.%s\n}\n", ref, firedSet)
	}
	modules[firedName] = ast.MustParseModuleWithOpts(text.String(), ast.ParserOptions{RegoVersion: ast.RegoV1})
	return modules
}

func firedRule(rule *ast.Rule, module *ast.Module, word string) *ast.Rule {
	made := rule.Copy()
	made.Module = module
	entry := made.Head.Key
	place := ast.ObjectTerm(
		ast.Item(ast.StringTerm("package"), ast.StringTerm(packageName(module.Package.Path))),
		ast.Item(ast.StringTerm("rule"), ast.StringTerm(word)),
		ast.Item(ast.StringTerm("file"), ast.StringTerm(rule.Location.File)),
		ast.Item(ast.StringTerm("line"), ast.IntNumberTerm(rule.Location.Row)),
	)
	// The entry is evaluated too: where it is undefined, nothing was contributed.
	defined := ast.Equality.Expr(ast.VarTerm("__sallyport_entry__"), entry)
	defined.Location = rule.Location
	made.Body = append(made.Body, defined)
	made.Head = ast.RefHead(ast.Ref{ast.VarTerm(firedSet)})
	made.Head.Key = place
	made.Head.Name = ast.Var(firedSet)
	made.Head.Location = rule.Head.Location
	made.Annotations = nil
	return made
}

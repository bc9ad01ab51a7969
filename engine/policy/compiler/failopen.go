// Fail-open rules: a `deny` that reads what may be absent silently does not fire, an `allow` that negates it fires.
// From each contribution, whatever it depends on is read as it was compiled: what is judged is what runs.
package main

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// contextsMax bounds how often one rule is read for different arguments; beyond, its arguments are unknown.
const contextsMax = 32

// stake says what would let something through: that a condition is undefined, or that it is defined.
type stake struct{ undefined, defined bool }

var (
	denying  = stake{undefined: true}
	allowing = stake{defined: true}
	// caught is a body behind which a default stands: what is undefined in it means what the author says.
	caught = allowing
	// valued is either way: a set that lacks an element may be counted, compared or negated.
	valued = stake{undefined: true, defined: true}
)

func (s stake) negated() stake { return stake{undefined: s.defined, defined: s.undefined} }

// arguments are what a function is asked with; of more than these, nothing is known.
type arguments [6]*shape

// question is what makes the reading of a rule the same as an earlier one.
type question struct {
	rule *ast.Rule
	at   stake
	args arguments
}

// failOpen reads the rules of one kind. Its packages may be read again for another kind, whose input is another.
type failOpen struct {
	compiler *ast.Compiler
	p        *program
	builtins map[string]*ast.Builtin
	input    *shape
	found    *diagnostics
	written  *written
	known    map[question]*shape
	contexts map[*ast.Rule]int
	data     map[string]*shape
	reported map[string]bool
}

// failOpen reports every place where a contribution would fail open.
func (t *toolchain) failOpen(compiler *ast.Compiler, p *program, found *diagnostics) {
	roots := map[string][]*ast.Rule{}
	for _, name := range sortedKeys(p.user) {
		module := compiler.Modules[name]
		if kind := kindOf(module.Package.Path); kind != "" && !isTestFile(name) {
			roots[kind] = append(roots[kind], module.Rules...)
		}
	}
	expressions, reported := newWritten(p.user), map[string]bool{}
	for _, kind := range sortedKeys(roots) {
		a := &failOpen{
			compiler: compiler,
			p:        p,
			builtins: t.all,
			input:    shapeOfSchema(t.schemas.Get(schemaRef(kind))),
			found:    found,
			written:  expressions,
			known:    map[question]*shape{},
			contexts: map[*ast.Rule]int{},
			data:     map[string]*shape{},
			reported: reported,
		}
		for _, rule := range roots[kind] {
			switch contributionName(rule) {
			case "":
			case "allow", "infer":
				a.chain(rule, allowing, nil)
			default:
				a.chain(rule, denying, nil)
			}
		}
	}
}

// rules reads all definitions under one name, and tells the value that they may have.
func (a *failOpen) rules(rules []*ast.Rule, at stake, args []*shape) *shape {
	asked := question{rule: rules[0], at: at}
	copy(asked.args[:], args)
	if value, ok := a.known[asked]; ok {
		return value
	}
	if a.contexts[rules[0]]++; a.contexts[rules[0]] > contextsMax && asked.args != (arguments{}) {
		return a.rules(rules, at, nil)
	}
	// A package that is read whole may hold the rule that reads it.
	a.known[asked] = nil
	for _, rule := range rules {
		if rule.Default {
			at = caught
		}
	}
	values := make([]*shape, 0, len(rules))
	for _, rule := range rules {
		values = append(values, a.chain(rule, at, asked.args[:]))
	}
	a.known[asked] = either(values...)
	return a.known[asked]
}

// chain reads a rule and its else branches. A last branch without a condition is as good as a default.
func (a *failOpen) chain(rule *ast.Rule, at stake, args []*shape) *shape {
	last := rule
	for last.Else != nil {
		last = last.Else
	}
	var values []*shape
	for branch := rule; branch != nil; branch = branch.Else {
		own := at
		if branch != last && unconditional(last.Body) {
			own = caught
		}
		r := &reader{failOpen: a, scope: newScope(nil), home: rule.Module.Package.Path, place: rule.Location}
		for i, arg := range branch.Head.Args {
			if i < len(args) {
				r.bind(arg, args[i])
			} else {
				r.bind(arg, nil)
			}
		}
		r.body(branch.Body, own)
		values = append(values, r.head(branch.Head, own))
	}
	return either(values...)
}

func unconditional(body ast.Body) bool {
	for _, expr := range body {
		term, ok := expr.Terms.(*ast.Term)
		if !ok || !term.Equal(ast.BooleanTerm(true)) || expr.Negated {
			return false
		}
	}
	return true
}

// head is the value of a rule: for a set or an object of many rules, what one of its members is.
func (r *reader) head(head *ast.Head, at stake) *shape {
	if head.Key != nil && head.RuleKind() == ast.MultiValue {
		element := r.value(head.Key, at)
		if len(head.Ref()) == 1 || head.Ref().IsGround() {
			return &shape{sorts: isSet, rest: element}
		}
		return &shape{sorts: isObject}
	}
	var value *shape
	if head.Value != nil {
		value = r.value(head.Value, at)
	}
	if !head.Ref().IsGround() {
		return &shape{sorts: isObject, rest: value}
	}
	return value
}

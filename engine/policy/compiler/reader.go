// One body, read expression by expression in the order in which it runs.
package main

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// scope is what the variables of a body are, and which members its iterations have proven present.
type scope struct {
	outer   *scope
	vars    map[ast.Var]*shape
	present map[string]bool
	// means is the term that a variable made by the compiler stands for.
	means map[ast.Var]*ast.Term
}

func newScope(outer *scope) *scope {
	return &scope{
		outer:   outer,
		vars:    map[ast.Var]*shape{},
		present: map[string]bool{},
		means:   map[ast.Var]*ast.Term{},
	}
}

func (s *scope) lookup(name ast.Var) (*shape, bool) {
	for ; s != nil; s = s.outer {
		if known, ok := s.vars[name]; ok {
			return known, true
		}
	}
	return nil, false
}

func (s *scope) isPresent(ref ast.Ref) bool {
	text := ref.String()
	for ; s != nil; s = s.outer {
		if s.present[text] {
			return true
		}
	}
	return false
}

func (s *scope) meaning(name ast.Var) *ast.Term {
	for ; s != nil; s = s.outer {
		if term := s.means[name]; term != nil {
			return term
		}
	}
	return nil
}

type reader struct {
	*failOpen
	scope *scope
	// home is the package that the body stands in.
	home ast.Ref
	// place is that of the expression, for references that have none of their own.
	place *ast.Location
	// under is set inside of a negation.
	under bool
}

// inside is a reader of a body in this one; what it binds is not seen here.
func (r *reader) inside() *reader {
	return &reader{failOpen: r.failOpen, scope: newScope(r.scope), home: r.home, place: r.place, under: r.under}
}

func (r *reader) body(body ast.Body, at stake) {
	for _, expr := range body {
		r.expression(expr, at)
	}
}

func (r *reader) expression(expr *ast.Expr, at stake) {
	if expr.Location != nil {
		r.place = expr.Location
	}
	for _, with := range expr.With {
		r.value(with.Value, at)
	}
	if expr.Negated {
		r, at = r.inside(), at.negated()
		r.under = !r.under
	}
	switch terms := expr.Terms.(type) {
	case *ast.Term:
		r.value(terms, at)
	case []*ast.Term:
		r.call(expr, terms, at)
	case *ast.Every:
		every := r.inside()
		domain := r.value(terms.Domain, at)
		every.bind(terms.Value, domain.each())
		if terms.Key != nil {
			every.bind(terms.Key, domain.keys())
		}
		every.body(terms.Body, at)
	case *ast.Not:
		not := r.inside()
		not.under = !r.under
		not.body(terms.Body, at.negated())
	case *ast.LogicalAnd:
		r.inside().body(terms.Lhs, at)
		r.inside().body(terms.Rhs, at)
	case *ast.LogicalOr:
		r.inside().body(terms.Lhs, at)
		r.inside().body(terms.Rhs, at)
	}
}

// keys is what an iteration's key is.
func (s *shape) keys() *shape {
	switch {
	case s == nil:
		return nil
	case s.sorts == isObject:
		return &shape{sorts: isString}
	case s.sorts == isArray:
		return &shape{sorts: isNumber}
	case s.sorts == isSet:
		return s.rest
	}
	return nil
}

func (r *reader) call(expr *ast.Expr, terms []*ast.Term, at stake) {
	name, operands := terms[0].Value.String(), terms[1:]
	if expr.IsEquality() || expr.IsAssignment() {
		r.unify(operands[0], operands[1], at)
		return
	}
	if builtin := r.builtins[name]; builtin != nil {
		arity := len(builtin.Decl.FuncArgs().Args)
		args := r.values(operands[:min(arity, len(operands))], at)
		r.fallible(expr, builtin, args, at)
		r.output(expr, operands, arity, answerOf(builtin, operands, args))
		return
	}
	ref, _ := terms[0].Value.(ast.Ref)
	rules := r.compiler.GetRulesExact(ref)
	if len(rules) == 0 {
		r.values(operands, at)
		return
	}
	arity := len(rules[0].Head.Args)
	args := r.values(operands[:min(arity, len(operands))], at)
	r.output(expr, operands, arity, r.rules(rules, at, args))
}

func (r *reader) values(terms []*ast.Term, at stake) []*shape {
	shapes := make([]*shape, len(terms))
	for i, term := range terms {
		shapes[i] = r.value(term, at)
	}
	return shapes
}

// output binds the variable that takes a call's answer, where there is one.
func (r *reader) output(expr *ast.Expr, operands []*ast.Term, arity int, answer *shape) {
	if len(operands) > arity {
		r.remember(operands[arity], ast.VarTerm(string(r.place.Text)))
		r.bind(operands[arity], answer)
	}
}

func (r *reader) unify(left, right *ast.Term, at stake) {
	if r.binds(left) {
		r.remember(left, right)
		r.bind(left, r.value(right, at))
		return
	}
	known := r.value(left, at)
	if r.binds(right) {
		r.remember(right, left)
		r.bind(right, known)
		return
	}
	r.value(right, at)
}

// binds says that a term holds a variable that has no value yet: then the other side gives it one.
func (r *reader) binds(term *ast.Term) bool {
	switch value := term.Value.(type) {
	case ast.Var:
		_, bound := r.scope.lookup(value)
		return !bound
	case *ast.Array, ast.Object:
		found := false
		ast.WalkVars(value, func(name ast.Var) bool {
			_, bound := r.scope.lookup(name)
			found = found || !bound
			return found
		})
		return found
	}
	return false
}

func (r *reader) remember(name, term *ast.Term) {
	if v, ok := name.Value.(ast.Var); ok && v.IsGenerated() {
		r.scope.means[v] = term
	}
}

// bind gives each variable of a pattern its part of the value.
func (r *reader) bind(pattern *ast.Term, known *shape) {
	switch value := pattern.Value.(type) {
	case ast.Var:
		if _, bound := r.scope.lookup(value); !bound {
			r.scope.vars[value] = known
		}
	case *ast.Array:
		for i := range value.Len() {
			item, _ := known.member(ast.IntNumberTerm(i))
			r.bind(value.Elem(i), item)
		}
	case ast.Object:
		value.Foreach(func(key, inner *ast.Term) {
			field, _ := known.member(key)
			r.bind(inner, field)
		})
	}
}

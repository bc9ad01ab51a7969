// Conditions that can be looked up: a rule cannot fire unless some value of the input is one of a few texts. They only
// say which rules need not be tried; a rule that is tried has its whole body evaluated.
package main

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
)

// source is where looked-up values come from: a term over the input, or a field of each of its elements.
type source struct {
	term  *ast.Term
	each  bool
	field ast.Ref
	// prefix says that not the whole text counts but its first characters, so many of them.
	prefix int
	// said are the expressions of the rule's body that name it.
	said []int
}

// condition says that one of the source's values is one of these.
type condition struct {
	source source
	values []string
	// said are the expressions of the rule's body that say so, and nothing else.
	said []int
}

var commandSource = source{term: ast.MustParseTerm("input.statement.command")}

// key is the same for equal sources.
func (s source) key() string {
	return fmt.Sprint(s.term, s.each, s.field, s.prefix)
}

// binding is Rego that gives each value of the source to the variable `value`.
func (s source) binding() string {
	name, rest := "value", ""
	if s.prefix > 0 {
		name, rest = "text", fmt.Sprintf("\n\tvalue := substring(text, 0, %d)", s.prefix)
	}
	switch {
	case !s.each:
		return fmt.Sprintf("%s := %v%s", name, s.term, rest)
	case len(s.field) == 0:
		return fmt.Sprintf("some %s in %v%s", name, s.term, rest)
	}
	element := append(ast.Ref{ast.VarTerm("element")}, s.field...)
	return fmt.Sprintf("some element in %v\n\t%s := %v%s", s.term, name, element, rest)
}

// conditionsOf reads the top of a rule's body, where every expression must hold.
func conditionsOf(rule *ast.Rule) []condition {
	var found []condition
	bound := boundSources(rule.Body)
	add := func(from source, at int, values ...string) {
		found = append(found, condition{from, values, append(slices.Clone(from.said), at)})
	}
	for at, expr := range rule.Body {
		if expr.Negated || len(expr.With) > 0 || !expr.IsCall() || len(expr.Operands()) != 2 {
			continue
		}
		left, right := expr.Operand(0), expr.Operand(1)
		switch expr.Operator().String() {
		case ast.Equal.Name, ast.Equality.Name:
			if _, ok := right.Value.(ast.String); !ok {
				left, right = right, left
			}
			text, isText := right.Value.(ast.String)
			if from, ok := sourceOf(left, bound); ok && isText {
				add(from, at, string(text))
			}
		case ast.StartsWith.Name:
			text, isText := right.Value.(ast.String)
			if from, ok := sourceOf(left, bound); ok && isText && text != "" {
				from.prefix = utf8.RuneCountInString(string(text))
				add(from, at, string(text))
			}
		case ast.Member.Name:
			if from, ok := sourceOf(left, bound); ok && len(constants(right)) > 0 {
				add(from, at, constants(right)...)
			}
			text, isText := left.Value.(ast.String)
			if from, ok := sourceOf(right, bound); ok && isText && !from.each {
				from.each = true
				add(from, at, string(text))
			}
		}
	}
	return found
}

// boundSources is the variables that stand for a source: `some x in source` and `x := source`.
func boundSources(body ast.Body) map[ast.Var]source {
	bound := map[ast.Var]source{}
	bind := func(name, value *ast.Term, each bool, at int) {
		variable, isVar := name.Value.(ast.Var)
		if from, ok := sourceOf(value, bound); ok && isVar && !(each && from.each) {
			from.each = from.each || each
			from.said = append(slices.Clone(from.said), at)
			bound[variable] = from
		}
	}
	for at, expr := range body {
		if expr.Negated || len(expr.With) > 0 {
			continue
		}
		if some, ok := expr.Terms.(*ast.SomeDecl); ok {
			if member, ok := some.Symbols[0].Value.(ast.Call); ok {
				bind(member[len(member)-2], member[len(member)-1], true, at)
			}
		} else if expr.IsAssignment() {
			bind(expr.Operand(0), expr.Operand(1), false, at)
		}
	}
	return bound
}

func sourceOf(term *ast.Term, bound map[ast.Var]source) (source, bool) {
	switch value := term.Value.(type) {
	case ast.Var:
		from, ok := bound[value]
		return from, ok
	case ast.Ref:
		if head, ok := value[0].Value.(ast.Var); ok && isGroundText(value[1:]) {
			if from, ok := bound[head]; ok {
				return from.below(value[1:])
			}
		}
		return inputSource(value)
	case ast.Call:
		if path, ok := inputLookup(value); ok && path != nil && ast.IsConstant(value[3].Value) {
			return source{term: term}, true
		}
	}
	return source{}, false
}

// below is a field of the source's values.
func (s source) below(field ast.Ref) (source, bool) {
	if s.each {
		s.field = slices.Concat(s.field, field)
		return s, true
	}
	ref, ok := s.term.Value.(ast.Ref)
	s.term = ast.NewTerm(slices.Concat(ref, field))
	return s, ok
}

// inputSource takes `input.a.b`, and `input.a[_].b` as each b of a.
func inputSource(ref ast.Ref) (source, bool) {
	if !ref[0].Equal(ast.InputRootDocument) || len(ref) < 2 {
		return source{}, false
	}
	for i, term := range ref[1:] {
		if _, ok := term.Value.(ast.Var); ok && i > 0 && isGroundText(ref[i+2:]) {
			return source{term: ast.NewTerm(ref[:i+1]), each: true, field: ref[i+2:]}, true
		}
		if !isGroundText(ref[i+1 : i+2]) {
			return source{}, false
		}
	}
	return source{term: ast.NewTerm(ref)}, true
}

// inputLookup is the path that `object.get(input…, key, default)` reads, when all of it is written out.
func inputLookup(call ast.Call) (ast.Ref, bool) {
	if call[0].Value.String() != ast.ObjectGet.Name || len(call) != 4 {
		return nil, false
	}
	ref, ok := call[1].Value.(ast.Ref)
	if !ok || !ref[0].Equal(ast.InputRootDocument) || !isGroundText(ref[1:]) {
		return nil, false
	}
	switch key := call[2].Value.(type) {
	case ast.String:
		return ref.Append(call[2]), true
	case *ast.Array:
		for i := range key.Len() {
			if _, ok := key.Elem(i).Value.(ast.String); !ok {
				return nil, false
			}
			ref = ref.Append(key.Elem(i))
		}
		return ref, true
	}
	return nil, false
}

func isGroundText(terms []*ast.Term) bool {
	return !slices.ContainsFunc(terms, func(term *ast.Term) bool {
		_, ok := term.Value.(ast.String)
		return !ok
	})
}

// constants is the texts of a literal set or array that holds nothing else.
func constants(term *ast.Term) []string {
	var found []string
	plain := true
	take := func(item *ast.Term) {
		text, ok := item.Value.(ast.String)
		plain = plain && ok
		if ok && !slices.Contains(found, string(text)) {
			found = append(found, string(text))
		}
	}
	switch value := term.Value.(type) {
	case ast.Set:
		value.Foreach(take)
	case *ast.Array:
		value.Foreach(take)
	}
	if !plain {
		return nil
	}
	slices.Sort(found)
	return found
}

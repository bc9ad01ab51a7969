// Conditions that the gateway can look up: a rule cannot fire unless some value of the input is one of a few constants.
// They only say which rules need not be tried; a rule that is tried has its whole body evaluated.
package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf16"

	"github.com/open-policy-agent/opa/v1/ast"
)

// source is where looked-up values come from: what stands at a path of the input, each of its elements, or a field of each.
type source struct {
	Path []string `json:"path"`
	// Default stands where the path leads to nothing.
	Default any      `json:"default,omitempty"`
	Each    bool     `json:"each,omitempty"`
	Field   []string `json:"field,omitempty"`
	// Prefix says that not the whole text counts but its first UTF-16 units, so many of them.
	Prefix int `json:"prefix,omitempty"`
}

// condition says that one of the source's values is one of these: texts, whole numbers, booleans or null.
type condition struct {
	source source
	values []any
}

// key is the same for equal sources.
func (s source) key() string {
	text, _ := json.Marshal(s)
	return string(text)
}

// below is a field of the source's values.
func (s source) below(field ast.Ref) source {
	words := groundWords(field)
	if s.Each {
		s.Field = slices.Concat(s.Field, words)
	} else {
		s.Path = slices.Concat(s.Path, words)
	}
	return s
}

// conditionsOf reads the top of a rule's body, where every expression must hold.
func conditionsOf(rule *ast.Rule) []condition {
	var found []condition
	bound := boundSources(rule.Body)
	for _, expr := range rule.Body {
		if expr.Negated || len(expr.With) > 0 || !expr.IsCall() || len(expr.Operands()) != 2 {
			continue
		}
		left, right := expr.Operand(0), expr.Operand(1)
		switch expr.Operator().String() {
		case ast.Equal.Name, ast.Equality.Name:
			if _, ok := scalar(right); !ok {
				left, right = right, left
			}
			value, isScalar := scalar(right)
			if from, ok := sourceOf(left, bound); ok && isScalar {
				found = append(found, condition{from, []any{value}})
			}
		case ast.StartsWith.Name:
			text, isText := right.Value.(ast.String)
			if from, ok := sourceOf(left, bound); ok && isText && text != "" {
				from.Prefix = len(utf16.Encode([]rune(string(text))))
				found = append(found, condition{from, []any{string(text)}})
			}
		case ast.Member.Name:
			if from, ok := sourceOf(left, bound); ok {
				if values := constants(right); len(values) > 0 {
					found = append(found, condition{from, values})
				}
			}
			value, isScalar := scalar(left)
			if from, ok := sourceOf(right, bound); ok && isScalar && !from.Each {
				from.Each = true
				found = append(found, condition{from, []any{value}})
			}
		}
	}
	return slices.DeleteFunc(found, func(c condition) bool { return !c.canBeLookedUp() })
}

func (c condition) canBeLookedUp() bool {
	// To the gateway a command that is no text is one that no rule names.
	isOther := func(value any) bool { _, isText := value.(string); return !isText }
	if c.source.key() == commandKey && slices.ContainsFunc(c.values, isOther) {
		return false
	}
	return c.source.canBeLookedUp()
}

func (s source) canBeLookedUp() bool {
	words := slices.Concat(s.Path, s.Field)
	return slices.Contains(indexedParts, s.Path[0]) && !slices.ContainsFunc(words, isLost)
}

// indexedParts are the parts of the input that the gateway looks at; kind and time select few rules.
var indexedParts = []string{"principal", "session", "target", "statement"}

// boundSources is the variables that stand for a source: `some x in source` and `x := source`.
func boundSources(body ast.Body) map[ast.Var]source {
	bound := map[ast.Var]source{}
	bind := func(name, value *ast.Term, each bool) {
		variable, isVar := name.Value.(ast.Var)
		if from, ok := sourceOf(value, bound); ok && isVar && !(each && from.Each) {
			from.Each = from.Each || each
			bound[variable] = from
		}
	}
	for _, expr := range body {
		if expr.Negated || len(expr.With) > 0 {
			continue
		}
		if some, ok := expr.Terms.(*ast.SomeDecl); ok {
			if member, ok := some.Symbols[0].Value.(ast.Call); ok {
				bind(member[len(member)-2], member[len(member)-1], true)
			}
		} else if expr.IsAssignment() {
			bind(expr.Operand(0), expr.Operand(1), false)
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
			if from, ok := bound[head]; ok && from.Default == nil {
				return from.below(value[1:]), true
			}
		}
		return inputSource(value)
	case ast.Call:
		path, ok := inputLookup(value)
		if !ok || !ast.IsConstant(value[3].Value) {
			return source{}, false
		}
		// Nothing else looks like a missing default.
		missing, err := ast.JSON(value[3].Value)
		return source{Path: groundWords(path[1:]), Default: missing}, err == nil && missing != nil
	}
	return source{}, false
}

// inputSource takes `input.a.b`, and `input.a[_].b` as each b of a.
func inputSource(ref ast.Ref) (source, bool) {
	if !ref[0].Equal(ast.InputRootDocument) || len(ref) < 2 {
		return source{}, false
	}
	path := groundWords(ref[1:])
	rest := ref[len(path)+1:]
	if len(rest) == 0 {
		return source{Path: path}, true
	}
	if _, ok := rest[0].Value.(ast.Var); !ok || len(path) == 0 || !isGroundText(rest[1:]) {
		return source{}, false
	}
	return source{Path: path, Each: true, Field: groundWords(rest[1:])}, true
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
	return len(groundWords(terms)) == len(terms)
}

// numberMax is what a JavaScript number holds exactly.
const numberMax = 1<<53 - 1

// scalar is a constant that compares as it does in the gateway.
func scalar(term *ast.Term) (any, bool) {
	switch value := term.Value.(type) {
	case ast.String:
		return string(value), true
	case ast.Boolean:
		return bool(value), true
	case ast.Null:
		return nil, true
	case ast.Number:
		number, err := strconv.ParseInt(string(value), 10, 64)
		return number, err == nil && -numberMax <= number && number <= numberMax
	}
	return nil, false
}

// constants is the items of a literal set or array that holds nothing else.
func constants(term *ast.Term) []any {
	var found []any
	plain := true
	take := func(item *ast.Term) {
		value, ok := scalar(item)
		plain = plain && ok
		if ok && !slices.Contains(found, value) {
			found = append(found, value)
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
	return found
}

// What is known of a value before it exists: its types, and which of its members are there for certain.
package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"
)

// sorts is a set of JSON's types, and Rego's sets.
type sorts uint8

const (
	isNull sorts = 1 << iota
	isBoolean
	isNumber
	isString
	isArray
	isObject
	isSet
	anySort = isNull | isBoolean | isNumber | isString | isArray | isObject | isSet
)

// shape is immutable once made; nil is a value of which nothing is known or promised.
type shape struct {
	sorts sorts
	// fields are the named members of an object; those in certain are in every such value.
	fields  map[string]*shape
	certain map[string]bool
	// rest is any other member, or any item; items of an array stand at known places first.
	rest  *shape
	items []*shape
	// least is how many members there are at least.
	least int
	// whole is set for a number without a fraction.
	whole bool
	// text is set for a text that is known.
	text *string
}

var (
	anything = &shape{sorts: anySort}
	// nothing is the member of what is empty: it adds no possibility.
	nothing = &shape{}
)

// member is what stands under a key, and whether it is there whatever the value. A set answers membership, which
// is a condition and never a lookup.
func (s *shape) member(key *ast.Term) (found *shape, certain bool) {
	if s == nil {
		return nil, true
	}
	switch at := key.Value.(type) {
	case ast.String:
		if field, ok := s.fields[string(at)]; ok {
			return field, s.sorts == isObject && s.certain[string(at)]
		}
	case ast.Number:
		if i, ok := at.Int(); ok && i >= 0 && i < len(s.items) {
			return s.items[i], s.sorts == isArray
		}
	}
	if s.sorts == anySort {
		return anything, false
	}
	if s.sorts == isSet {
		return s.rest, true
	}
	return s.each(), false
}

// each is what an iteration visits.
func (s *shape) each() *shape {
	if s == nil {
		return nil
	}
	if s.sorts == anySort {
		return anything
	}
	members := slices.Clone(s.items)
	for _, name := range sortedKeys(s.fields) {
		members = append(members, s.fields[name])
	}
	if s.rest != nil || len(members) == 0 {
		members = append(members, s.rest)
	}
	return either(members...)
}

// either is a value that is of one of these shapes.
func either(shapes ...*shape) *shape {
	joined := nothing
	if len(shapes) == 0 {
		return nil
	}
	for _, s := range shapes {
		switch {
		case s == nil:
			return nil
		case s == nothing:
		case joined == nothing:
			joined = s
		case s != joined:
			joined = joined.or(s)
		}
	}
	return joined
}

func (s *shape) or(other *shape) *shape {
	made := &shape{sorts: s.sorts | other.sorts, least: min(s.least, other.least)}
	made.whole = s.whole && other.whole
	made.fields, made.certain = maps.Clone(s.fields), map[string]bool{}
	if made.fields == nil {
		made.fields = map[string]*shape{}
	}
	for name, field := range other.fields {
		if known, ok := made.fields[name]; ok {
			field = either(known, field)
		}
		made.fields[name] = field
		made.certain[name] = s.certain[name] && other.certain[name]
	}
	switch {
	case s.rest == nil && len(s.items) == 0:
		made.rest = other.rest
	case other.rest == nil && len(other.items) == 0:
		made.rest = s.rest
	default:
		made.rest = either(s.each(), other.each())
	}
	if s.text != nil && other.text != nil && *s.text == *other.text {
		made.text = s.text
	}
	return made
}

// shapeOfData is that of a document's value, which the bundle fixes.
func shapeOfData(value any) *shape {
	switch v := value.(type) {
	case map[string]any:
		made := &shape{sorts: isObject, fields: map[string]*shape{}, certain: map[string]bool{}, least: len(v)}
		made.rest = restOf(len(v))
		for name, inner := range v {
			made.fields[name], made.certain[name] = shapeOfData(inner), true
		}
		return made
	case []any:
		made := &shape{sorts: isArray, least: len(v), rest: restOf(len(v))}
		for _, item := range v {
			made.items = append(made.items, shapeOfData(item))
		}
		return made
	case string:
		return &shape{sorts: isString, text: &v}
	case bool:
		return &shape{sorts: isBoolean}
	case nil:
		return &shape{sorts: isNull}
	}
	return &shape{sorts: isNumber, whole: isPlain(ast.Number(fmt.Sprint(value)))}
}

// restOf is the rest of a collection whose members are all known.
func restOf(members int) *shape {
	if members == 0 {
		return nothing
	}
	return nil
}

// shapeOfType is as much as a builtin promises of its answer.
func shapeOfType(t types.Type) *shape {
	switch t := plain(t).(type) {
	case types.Null:
		return &shape{sorts: isNull}
	case types.Boolean:
		return &shape{sorts: isBoolean}
	case types.Number:
		return &shape{sorts: isNumber}
	case types.String:
		return &shape{sorts: isString}
	case *types.Array:
		return &shape{sorts: isArray, rest: shapeOfType(t.Dynamic())}
	case *types.Set:
		return &shape{sorts: isSet, rest: shapeOfType(t.Of())}
	case *types.Object:
		return &shape{sorts: isObject, rest: shapeOfType(t.DynamicValue())}
	case types.Any:
		var alternatives []*shape
		for _, one := range t {
			alternatives = append(alternatives, shapeOfType(one))
		}
		return either(alternatives...)
	}
	return nil
}

// fits says that no value of this shape is outside of the type. What is unknown fits: it is an argument, or was
// judged where it was made.
func (s *shape) fits(t types.Type) bool {
	if s == nil || t == nil {
		return true
	}
	if alternatives, ok := plain(t).(types.Any); ok {
		return len(alternatives) == 0 || s.fitsOne(alternatives)
	}
	want := shapeOfType(t)
	if want == nil || s.sorts&^want.sorts != 0 {
		return want == nil
	}
	inner := elementType(t)
	for _, item := range append(slices.Collect(maps.Values(s.fields)), append(s.items, s.rest)...) {
		if !item.fits(inner) {
			return false
		}
	}
	return true
}

// fitsOne asks each sort of value by itself: an array or a set fits "an array or a set".
func (s *shape) fitsOne(alternatives types.Any) bool {
	for one := isNull; one <= isSet; one <<= 1 {
		if s.sorts&one == 0 {
			continue
		}
		narrow := *s
		narrow.sorts = one
		if !slices.ContainsFunc(alternatives, narrow.fits) {
			return false
		}
	}
	return true
}

func elementType(t types.Type) types.Type {
	switch t := plain(t).(type) {
	case *types.Array:
		return t.Dynamic()
	case *types.Set:
		return t.Of()
	case *types.Object:
		return t.DynamicValue()
	}
	return nil
}

// nameOf is how a message calls the values that a builtin takes.
func nameOf(t types.Type) string {
	if alternatives, ok := plain(t).(types.Any); ok && len(alternatives) > 0 {
		return fmt.Sprint("one of ", types.Sprint(t))
	}
	return types.Sprint(t)
}

// plain is a type without the name that a builtin's declaration gave it.
func plain(t types.Type) types.Type {
	if named, ok := t.(*types.NamedType); ok {
		return plain(named.Type)
	}
	return t
}

// Shapes of what builtins answer: as declared, or better where the arguments tell more.
package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

func answerOf(builtin *ast.Builtin, operands []*ast.Term, args []*shape) *shape {
	declared := shapeOfType(builtin.Decl.Result())
	switch builtin.Name {
	case ast.ObjectGet.Name:
		return gotten(operands, args)
	case ast.ObjectUnion.Name:
		return united(args[0], args[1])
	case ast.Split.Name:
		// A text that is split by a text that is not empty has a first part.
		if delimiter := args[1].known(); delimiter != nil && *delimiter != "" {
			text := &shape{sorts: isString}
			return &shape{sorts: isArray, items: []*shape{text}, rest: text, least: 1}
		}
	case ast.Count.Name, ast.IndexOf.Name:
		return &shape{sorts: isNumber, whole: true}
	case ast.Plus.Name, ast.Multiply.Name, ast.Rem.Name, ast.Abs.Name:
		return &shape{sorts: isNumber, whole: !slices.ContainsFunc(args, (*shape).fractional)}
	case ast.Minus.Name:
		if args[0] != nil && args[0].sorts == isNumber {
			return &shape{sorts: isNumber, whole: !slices.ContainsFunc(args, (*shape).fractional)}
		}
		return &shape{sorts: isSet, rest: args[0].each()}
	case ast.Max.Name, ast.Min.Name:
		return args[0].each()
	case ast.Sort.Name:
		if args[0] != nil {
			return &shape{sorts: isArray, rest: args[0].each(), least: args[0].least}
		}
	}
	return declared.of(builtin.Name, args)
}

func (s *shape) fractional() bool { return s == nil || !s.whole }

// of is a collection with what the arguments hold as its members.
func (s *shape) of(name string, args []*shape) *shape {
	var member *shape
	switch name {
	case ast.ArrayConcat.Name, ast.Or.Name, ast.And.Name:
		member = either(args[0].each(), args[1].each())
	case ast.ArraySlice.Name, ast.ObjectFilter.Name, ast.ObjectRemove.Name:
		member = args[0].each()
	case ast.Union.Name, ast.Intersection.Name, ast.ObjectUnionN.Name:
		member = args[0].each().each()
	default:
		return s
	}
	return &shape{sorts: s.sorts, rest: member}
}

// united has the members of both objects: what is certain in either is certain.
func united(one, other *shape) *shape {
	if one == nil || other == nil || one.sorts != isObject || other.sorts != isObject {
		return &shape{sorts: isObject}
	}
	made := one.or(other)
	for _, each := range []*shape{one, other} {
		for name := range each.certain {
			made.certain[name] = made.certain[name] || each.certain[name]
		}
	}
	// A member that is named in one may be overwritten by the rest of the other.
	for name, field := range made.fields {
		if one.rest != nil || other.rest != nil {
			made.fields[name] = either(field, made.rest)
		}
	}
	return made
}

// gotten is what object.get answers: what stands under the key or path, or the default.
func gotten(operands []*ast.Term, args []*shape) *shape {
	found, keys := args[0], []*ast.Term{operands[1]}
	if path, ok := operands[1].Value.(*ast.Array); ok {
		keys = nil
		path.Foreach(func(key *ast.Term) { keys = append(keys, key) })
	}
	certain := true
	for _, key := range keys {
		var there bool
		found, there = found.member(key)
		certain = certain && there
	}
	if found != nil && certain {
		return found
	}
	return either(found, args[2])
}

// Builtins that can be undefined although their arguments are of the right type, and arguments that may not be.
package main

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// troubles says, for each builtin that may fail, when these arguments can make it.
var troubles = map[string]func(args []*shape) string{
	"max": ofNothing,
	"min": ofNothing,
	"rem": func(args []*shape) string {
		if args[0] != nil && args[0].whole {
			return ""
		}
		return "of a number that is not whole"
	},
	"net.cidr_contains": func(args []*shape) string {
		if text := args[1].known(); text != nil {
			if _, err := netip.ParseAddr(*text); err == nil {
				return ""
			}
		}
		return "of a text that is no address"
	},
}

func ofNothing(args []*shape) string {
	if args[0] != nil && args[0].least > 0 {
		return ""
	}
	return "of an empty collection"
}

func (s *shape) fractional() bool { return s == nil || !s.whole }

func (s *shape) known() *string {
	if s == nil {
		return nil
	}
	return s.text
}

func (r *reader) fallible(expr *ast.Expr, builtin *ast.Builtin, args []*shape, at stake) {
	if !at.undefined {
		return
	}
	shown := builtin.Name
	if builtin.Infix != "" {
		shown = builtin.Infix
	}
	for i, arg := range builtin.Decl.FuncArgs().Args {
		if i < len(args) && !args[i].fits(arg) {
			r.unguarded(expr, fmt.Sprintf("%s is undefined unless argument %d is %s", shown, i+1, nameOf(arg)))
			return
		}
	}
	if trouble := troubles[builtin.Name]; trouble != nil {
		if when := trouble(args); when != "" {
			r.unguarded(expr, shown+" "+when+" is undefined")
		}
	}
}

// answerOf is the shape of a builtin's answer: as declared, or better where the arguments tell more.
func answerOf(builtin *ast.Builtin, operands []*ast.Term, args []*shape) *shape {
	declared := shapeOfType(builtin.Decl.Result())
	switch builtin.Name {
	case ast.Count.Name, ast.IndexOf.Name:
		return &shape{sorts: isNumber, whole: true}
	case ast.Plus.Name, ast.Multiply.Name, ast.Rem.Name, ast.Abs.Name:
		return &shape{sorts: isNumber, whole: !slices.ContainsFunc(args, (*shape).fractional)}
	case ast.Minus.Name:
		if args[0] != nil && args[0].sorts == isNumber {
			return &shape{sorts: isNumber, whole: !slices.ContainsFunc(args, (*shape).fractional)}
		}
	case ast.ObjectGet.Name:
		return gotten(operands, args)
	case ast.Split.Name:
		// A text that is split by a text that is not empty has a first part.
		if delimiter := args[1].known(); delimiter != nil && *delimiter != "" {
			text := &shape{sorts: isString}
			return &shape{sorts: isArray, items: []*shape{text}, rest: text, least: 1}
		}
	case ast.Sort.Name:
		if args[0] != nil {
			return &shape{sorts: isArray, rest: args[0].each(), least: args[0].least}
		}
	}
	return declared
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

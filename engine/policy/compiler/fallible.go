// Builtins that can be undefined although their arguments are of the right type, and arguments that may not be.
package main

import (
	"fmt"
	"net/netip"

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

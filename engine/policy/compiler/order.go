// Order: OPA's evaluator iterates sets and objects sorted, a compiled module by hash. Where that could
// be seen — an array made from them, or a text — the policy must say sort().
package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

var (
	// orderless consumers answer the same whatever the order of their argument.
	orderless = []string{"sort", "count", "max", "min", "sum"}
	// arrayMakers answer arrays in a defined order.
	arrayMakers = []string{"sort", "split", "array.concat", "array.slice", "numbers.range"}
)

// orderer looks at one rule. bound holds what its variables are assigned, anywhere in the rule.
type orderer struct {
	r       *refuser
	bound   map[ast.Var]*ast.Term
	excused map[*ast.ArrayComprehension]bool
}

func (r *refuser) order(module *ast.Module) {
	for _, rule := range module.Rules {
		o := newOrderer(r, rule)
		visitCalls(rule, o.call)
		ast.WalkTerms(rule, func(term *ast.Term) bool {
			if list, ok := term.Value.(*ast.ArrayComprehension); ok && !o.excused[list] {
				o.comprehension(list, term.Location)
			}
			return false
		})
	}
}

func newOrderer(r *refuser, rule *ast.Rule) *orderer {
	o := &orderer{r: r, bound: map[ast.Var]*ast.Term{}, excused: map[*ast.ArrayComprehension]bool{}}
	ast.WalkExprs(rule, func(expr *ast.Expr) bool { o.bind(expr); return false })
	for _, arg := range rule.Head.Args {
		ast.WalkVars(arg, func(v ast.Var) bool { o.bound[v] = nil; return false })
	}
	return o
}

func (o *orderer) bind(expr *ast.Expr) {
	if some, ok := expr.Terms.(*ast.SomeDecl); ok {
		for _, symbol := range some.Symbols {
			if member, ok := symbol.Value.(ast.Call); ok {
				for _, term := range member[1 : len(member)-1] {
					ast.WalkVars(term, func(v ast.Var) bool { o.bound[v] = nil; return false })
				}
			}
		}
		return
	}
	if expr.IsAssignment() || expr.IsEquality() {
		if name, ok := expr.Operand(0).Value.(ast.Var); ok {
			o.bound[name] = expr.Operand(1)
		}
	}
}

func (o *orderer) call(name string, args []*ast.Term, at *ast.Location) {
	if slices.Contains(orderless, name) && len(args) == 1 {
		if list, ok := args[0].Value.(*ast.ArrayComprehension); ok {
			o.excused[list] = true
		}
	}
	if name == "concat" && len(args) >= 2 && !o.isArray(args[1]) {
		o.r.found.add("order-undefined", at, "concat of something that may be a set: its order is not defined",
			"concat(delimiter, sort(values))")
	}
}

func (o *orderer) comprehension(list *ast.ArrayComprehension, at *ast.Location) {
	if !o.ordered(list.Body) {
		o.r.found.add("order-undefined", at, "an array made from something that may be a set or an object: its order is not defined",
			"sort([...]), or a set: {...}")
	}
}

// ordered says that whatever the body iterates over is an array.
func (o *orderer) ordered(body ast.Body) bool {
	fine := true
	for _, expr := range body {
		if some, ok := expr.Terms.(*ast.SomeDecl); ok {
			for _, symbol := range some.Symbols {
				if member, ok := symbol.Value.(ast.Call); ok && !o.isArray(member[len(member)-1]) {
					fine = false
				}
			}
		}
		ast.WalkRefs(expr, func(ref ast.Ref) bool {
			for i, term := range ref[1:] {
				if o.iterates(term) && !o.isArray(ast.NewTerm(ref[:i+1])) {
					fine = false
				}
			}
			return false
		})
	}
	return fine
}

// iterates says that a reference by this term visits many values, rather than looking one up.
func (o *orderer) iterates(term *ast.Term) bool {
	name, ok := term.Value.(ast.Var)
	if !ok {
		return false
	}
	_, bound := o.bound[name]
	return !bound
}

func (o *orderer) isArray(term *ast.Term) bool {
	switch value := term.Value.(type) {
	case *ast.Array, *ast.ArrayComprehension:
		return true
	case ast.Call:
		return slices.Contains(arrayMakers, value[0].Value.String())
	case ast.Var:
		assigned := o.bound[value]
		delete(o.bound, value)
		defer func() { o.bound[value] = assigned }()
		return assigned != nil && o.isArray(assigned)
	case ast.Ref:
		if name, ok := value[0].Value.(ast.Var); ok && len(value) == 1 && !value[0].Equal(ast.InputRootDocument) {
			return o.isArray(ast.NewTerm(name))
		}
		return o.r.t.isInputArray(value)
	}
	return false
}

// isInputArray asks the schemas; a package for helpers may read any kind's input.
func (t *toolchain) isInputArray(ref ast.Ref) bool {
	if !ref.HasPrefix(ast.InputRootRef) {
		return false
	}
	for _, kind := range t.kinds {
		schema, ok := t.schemas.Get(schemaRef(kind)).(map[string]any)
		for _, term := range ref[1:] {
			if !ok {
				break
			}
			schema, ok = below(schema, term)
		}
		if ok && schema["type"] == "array" {
			return true
		}
	}
	return false
}

func below(schema map[string]any, term *ast.Term) (map[string]any, bool) {
	if schema["type"] == "array" {
		items, ok := schema["items"].(map[string]any)
		return items, ok
	}
	name, ok := term.Value.(ast.String)
	if !ok {
		return nil, false
	}
	properties, _ := schema["properties"].(map[string]any)
	inner, ok := properties[string(name)].(map[string]any)
	return inner, ok
}

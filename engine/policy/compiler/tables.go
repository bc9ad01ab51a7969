// The documents of the deciding module: the author's, and beside them what a compiled rule would build anew at every
// evaluation: literal tables, and the entries that are written out.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// tableItemsMin is how many items make a literal dearer to build than to look up.
const tableItemsMin = 4

// tables are literals by the name under which they are in `data.sallyport`.
type tables struct {
	names  map[string]string
	values map[string]*ast.Term
}

// empty takes the literals of a module's rules to `data`.
func (t *tables) empty(module *ast.Module) {
	for _, rule := range module.Rules {
		for ; rule != nil; rule = rule.Else {
			t.move(rule)
		}
	}
}

func (t *tables) move(rule *ast.Rule) {
	transformer := ast.NewGenericTransformer(func(node any) (any, error) {
		if term, ok := node.(*ast.Term); ok && isTable(term) {
			return t.ref(term), nil
		}
		return node, nil
	})
	if body, err := ast.Transform(transformer, rule.Body); err == nil {
		rule.Body = body.(ast.Body)
	}
	// A default must be a constant.
	if value := rule.Head.Value; value != nil && !rule.Default && isTable(value) {
		rule.Head.Value = t.ref(value)
	}
}

func isTable(term *ast.Term) bool {
	items := 0
	switch value := term.Value.(type) {
	case ast.Set:
		items = value.Len()
	case ast.Object:
		items = value.Len()
	case *ast.Array:
		items = value.Len()
	}
	return items >= tableItemsMin && ast.IsConstant(term.Value)
}

func (t *tables) ref(term *ast.Term) *ast.Term {
	text := valueText(term.Value)
	name, known := t.names[text]
	if !known {
		name = fmt.Sprint("table", len(t.names))
		t.names[text], t.values[name] = name, term
	}
	made := ast.MustParseTerm("data.sallyport." + name)
	made.Location = term.Location
	return made
}

// documents adds the module's own to the author's.
func (r *router) documents(data ast.Object) ast.Value {
	own := ast.NewObject(ast.Item(ast.StringTerm("written"), ast.ArrayTerm(r.entries...)))
	for name, literal := range r.tables.values {
		own.Insert(ast.StringTerm(name), literal)
	}
	data.Insert(ast.StringTerm("sallyport"), ast.NewTerm(own))
	return data
}

// valueText writes a value as the compiled module's parser reads it: JSON, and sets as {a, b}.
func valueText(value ast.Value) string {
	var text bytes.Buffer
	writeValue(&text, value)
	return text.String()
}

func writeValue(text *bytes.Buffer, value ast.Value) {
	list := func(open, shut byte, each func(func(*ast.Term))) {
		text.WriteByte(open)
		first := true
		each(func(item *ast.Term) {
			if !first {
				text.WriteByte(',')
			}
			first = false
			writeValue(text, item.Value)
		})
		text.WriteByte(shut)
	}
	switch x := value.(type) {
	case *ast.Array:
		list('[', ']', x.Foreach)
	case ast.Set:
		if x.Len() == 0 {
			text.WriteString("set()")
			return
		}
		list('{', '}', x.Foreach)
	case ast.Object:
		text.WriteByte('{')
		for i, key := range x.Keys() {
			if i > 0 {
				text.WriteByte(',')
			}
			writeValue(text, key.Value)
			text.WriteByte(':')
			writeValue(text, x.Get(key).Value)
		}
		text.WriteByte('}')
	case ast.String:
		encoder := json.NewEncoder(text)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(string(x))
		text.Truncate(text.Len() - 1)
	default:
		text.WriteString(x.String())
	}
}

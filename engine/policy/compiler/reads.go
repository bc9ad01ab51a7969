// References: what they read, and whether it is there for every input that satisfies the schema.
package main

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

func (r *reader) value(term *ast.Term, at stake) *shape {
	switch value := term.Value.(type) {
	case ast.Var:
		known, _ := r.scope.lookup(value)
		return known
	case ast.Ref:
		return r.reference(value, term.Location, at)
	case *ast.Array:
		made := &shape{sorts: isArray, least: value.Len(), rest: restOf(value.Len())}
		for i := range value.Len() {
			made.items = append(made.items, r.value(value.Elem(i), at))
		}
		return made
	case ast.Set:
		made := &shape{sorts: isSet, least: min(value.Len(), 1)}
		if made.rest = restOf(value.Len()); made.rest == nil {
			made.rest = either(r.values(value.Slice(), at)...)
		}
		return made
	case ast.Object:
		return r.object(value, at)
	case *ast.ArrayComprehension:
		return &shape{sorts: isArray, rest: r.inside().comprehension(value.Body, value.Term)}
	case *ast.SetComprehension:
		return &shape{sorts: isSet, rest: r.inside().comprehension(value.Body, value.Term)}
	case *ast.ObjectComprehension:
		return &shape{sorts: isObject, rest: r.inside().comprehension(value.Body, value.Key, value.Value)}
	case ast.Call:
		r.values(value[1:], at)
		return nil
	}
	return shapeOfScalar(term.Value)
}

func shapeOfScalar(value ast.Value) *shape {
	switch value := value.(type) {
	case ast.Null:
		return &shape{sorts: isNull}
	case ast.Boolean:
		return &shape{sorts: isBoolean}
	case ast.Number:
		return &shape{sorts: isNumber, whole: isPlain(value)}
	case ast.String:
		text := string(value)
		return &shape{sorts: isString, text: &text}
	}
	return nil
}

func (r *reader) object(object ast.Object, at stake) *shape {
	made := &shape{sorts: isObject, fields: map[string]*shape{}, certain: map[string]bool{}, least: object.Len()}
	made.rest = restOf(object.Len())
	object.Foreach(func(key, inner *ast.Term) {
		field := r.value(inner, at)
		if name, ok := key.Value.(ast.String); ok {
			made.fields[string(name)], made.certain[string(name)] = field, true
			return
		}
		r.value(key, at)
		made.rest = field
	})
	return made
}

// comprehension leaves out what is undefined, and who uses it may count, compare or negate what is left.
func (r *reader) comprehension(body ast.Body, terms ...*ast.Term) *shape {
	r.body(body, valued)
	shapes := r.values(terms, valued)
	return shapes[len(shapes)-1]
}

func (r *reader) reference(ref ast.Ref, where *ast.Location, at stake) *shape {
	if where == nil || len(where.Text) == 0 {
		where = r.place
	}
	switch head := ref[0].Value.(type) {
	case ast.Var:
		switch {
		case head.Equal(ast.InputRootDocument.Value):
			return r.walk(read{ref: ref, from: 1, where: where, at: at}, r.input)
		case head.Equal(ast.DefaultRootDocument.Value):
			return r.document(read{ref: ref, where: where, at: at})
		}
		known, _ := r.scope.lookup(head)
		return r.walk(read{ref: ref, from: 1, where: where, at: at}, known)
	}
	return r.walk(read{ref: ref, from: 1, where: where, at: at}, r.value(ref[0], at))
}

// read is a reference under way: its terms before `from` are behind it.
type read struct {
	ref   ast.Ref
	from  int
	where *ast.Location
	at    stake
}

func (r *reader) walk(way read, known *shape) *shape {
	reported := false
	for i := way.from; i < len(way.ref); i++ {
		term := way.ref[i]
		if r.binds(term) {
			r.bind(term, known.keys())
			known = known.each()
			r.scope.present[way.ref[:i+1].String()] = true
			continue
		}
		r.value(term, way.at)
		next, certain := known.member(term)
		if !certain && way.at.undefined && !reported && !r.scope.isPresent(way.ref[:i+1]) {
			r.optional(way, i, known)
			reported = true
		}
		known = next
	}
	return known
}

// document reads under `data`: what rules make, or what the bundle's documents hold.
func (r *reader) document(way read) *shape {
	node, ref := r.compiler.RuleTree.Child(ast.DefaultRootDocument.Value), way.ref
	for i := 1; i < len(ref) && node != nil; i++ {
		if !ref[i].IsGround() {
			break
		}
		if node = node.Child(ref[i].Value); node != nil && len(node.Values) > 0 {
			way.from = i + 1
			return r.walk(way, r.defined(node, way))
		}
	}
	if node != nil && len(node.Children) > 0 {
		r.virtual(node)
		return nil
	}
	return r.base(way)
}

// defined reads the rules under a name. A set that is taken whole may be counted, compared or negated.
func (r *reader) defined(node *ast.TreeNode, way read) *shape {
	at := way.at
	if kind := node.Values[0].Head.RuleKind(); kind == ast.MultiValue && way.from == len(way.ref) {
		at = valued
	}
	return r.rules(node.Values, at, nil)
}

// virtual reads whatever stands below a package that is taken whole or by a computed name.
func (r *reader) virtual(node *ast.TreeNode) {
	node.DepthFirst(func(below *ast.TreeNode) bool {
		if len(below.Values) > 0 && len(below.Values[0].Head.Args) == 0 {
			r.rules(below.Values, valued, nil)
		}
		return false
	})
}

func (r *reader) base(way read) *shape {
	var value any = r.p.data
	i := 1
	for ; i < len(way.ref); i++ {
		name, ok := way.ref[i].Value.(ast.String)
		object, isObject := value.(map[string]any)
		if !ok || !isObject {
			break
		}
		inner, exists := object[string(name)]
		if !exists {
			r.missing(way, i)
			return nil
		}
		value = inner
	}
	way.from = i
	path := way.ref[:i].String()
	if r.data[path] == nil {
		r.data[path] = shapeOfData(value)
	}
	return r.walk(way, r.data[path])
}

// What a fail-open place is called, and the guarded form of that very expression, ready to be pasted.
package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	absence       = "<what absence means>"
	guardedWidest = 160
)

// written is the author's expressions by file, as they were before the compiler rewrote them.
type written struct {
	expressions map[string][]*ast.Expr
}

func newWritten(user map[string]*ast.Module) *written {
	w := &written{expressions: map[string][]*ast.Expr{}}
	for name, module := range user {
		ast.WalkExprs(module, func(expr *ast.Expr) bool {
			if expr.Location != nil && len(expr.Location.Text) > 0 {
				w.expressions[name] = append(w.expressions[name], expr)
			}
			return false
		})
	}
	return w
}

// around is the innermost expression that holds a place.
func (w *written) around(at *ast.Location) *ast.Expr {
	var found *ast.Expr
	for _, expr := range w.expressions[at.File] {
		start, end := expr.Location.Offset, expr.Location.Offset+len(expr.Location.Text)
		inside := start <= at.Offset && at.Offset+len(at.Text) <= end
		if inside && (found == nil || len(expr.Location.Text) <= len(found.Location.Text)) {
			found = expr
		}
	}
	return found
}

// consequence says what an undefined value does in this place.
func (r *reader) consequence() string {
	if r.under {
		return "and then `not` makes the condition hold"
	}
	return "and then the rule silently does not hold"
}

func (r *reader) optional(way read, i int, holder *shape) {
	path := r.shown(way.ref)
	message := fmt.Sprintf("%s may be absent, %s", path, r.consequence())
	if around := r.written.around(way.where); around != nil && around.Negated && !r.under {
		message += ": `not` does not reach into a call"
	}
	r.report("optional-unguarded", way.where, message, r.guarded(way, i, holder))
}

func (r *reader) missing(way read, i int) {
	if way.at.undefined {
		message := fmt.Sprintf("no document or rule defines %s, %s", r.shown(way.ref[:i+1]), r.consequence())
		r.report("data-missing", way.where, message, "define it in a data.json or data.yaml of the bundle")
	}
}

// report names a place once, however many contributions depend on it.
func (r *reader) report(code string, where *ast.Location, message, hint string) {
	place := fmt.Sprint(code, where, where.Col)
	if !r.reported[place] {
		r.reported[place] = true
		r.found.add(code, where, message, hint)
	}
}

func (r *reader) guarded(way read, i int, holder *shape) string {
	around := r.written.around(way.where)
	if holder != nil && holder.sorts == isArray {
		return "write: " + helper(r.shown(way.ref))
	}
	path, rest := way.ref[i:], ast.Ref{}
	if at := slices.IndexFunc(path, r.binds); at >= 0 {
		path, rest = path[:at], path[at:]
	}
	keys := make([]string, len(path))
	for n, term := range path {
		keys[n] = r.shownTerm(term)
	}
	key, meaning := strings.Join(keys, ", "), r.meaningOf(around, way.where)
	if len(keys) > 1 {
		key = "[" + key + "]"
	}
	if len(rest) > 0 {
		meaning = absence
	}
	get := fmt.Sprintf("object.get(%s, %s, %s)", r.shown(way.ref[:i]), key, meaning)
	for _, term := range rest {
		get += "[" + r.shownTerm(term) + "]"
	}
	return "write: " + within(around, way.where, get)
}

// within puts the guarded read into the author's own line, where it is one.
func within(around *ast.Expr, where *ast.Location, get string) string {
	if around == nil {
		return get
	}
	text, start := string(around.Location.Text), where.Offset-around.Location.Offset
	whole := text[:start] + get + text[start+len(where.Text):]
	if strings.Contains(whole, "\n") || len(whole) > guardedWidest {
		return get
	}
	return whole
}

// meaningOf is the value with which what is absent counts as what the rule is about.
func (r *reader) meaningOf(around *ast.Expr, where *ast.Location) string {
	if around == nil {
		return absence
	}
	if term, ok := around.Terms.(*ast.Term); ok && isAt(term, where) && !term.Equal(ast.BooleanTerm(true)) {
		return "true"
	}
	if !around.IsCall() || len(around.Operands()) != 2 {
		return absence
	}
	name, other := around.Operator().String(), around.Operand(1)
	if !isAt(around.Operand(0), where) {
		if !isAt(around.Operand(1), where) || !slices.Contains(symmetric, name) {
			return absence
		}
		other = around.Operand(0)
	}
	matching := matchOf(name, other)
	if matching == "" {
		return absence
	}
	// Read before the negation, the condition must not hold for the rule to hold.
	if lifted := around.Negated && !r.under; lifted != (name == ast.NotEqual.Name) {
		return `""`
	}
	return matching
}

var symmetric = []string{ast.Equal.Name, ast.Equality.Name, ast.NotEqual.Name}

// matchOf is a value that equals the other side, is in it or begins with it; nothing where none is written out, or
// where the empty text would match too.
func matchOf(name string, other *ast.Term) string {
	switch name {
	case ast.Equal.Name, ast.Equality.Name, ast.NotEqual.Name, ast.StartsWith.Name, ast.EndsWith.Name, ast.Contains.Name:
		if ast.IsScalar(other.Value) && !other.Equal(ast.StringTerm("")) {
			return other.String()
		}
	case ast.Member.Name:
		if values := constants(other); len(values) > 0 && values[0] != "" {
			return ast.MustInterfaceToValue(values[0]).String()
		}
	}
	return ""
}

func isAt(term *ast.Term, where *ast.Location) bool {
	return term.Location != nil && term.Location.Offset == where.Offset && len(term.Location.Text) == len(where.Text)
}

func (r *reader) unguarded(expr *ast.Expr, what string) {
	text := strings.TrimSpace(strings.TrimPrefix(string(r.place.Text), "not "))
	var names []string
	for _, term := range expr.Operands() {
		ast.WalkVars(term, func(v ast.Var) bool {
			if name, ok := r.compiler.RewrittenVars[v]; ok && !name.IsGenerated() && !slices.Contains(names, string(name)) {
				names = append(names, string(name))
			}
			return false
		})
	}
	r.report("builtin-unguarded", r.place, what+", "+r.consequence(), "write: "+helper(text, names...))
}

// helper is a rule, or a function of the variables, behind which a default stands.
func helper(text string, names ...string) string {
	if strings.Contains(text, "\n") {
		text = "..."
	}
	if len(names) == 0 {
		return fmt.Sprintf("default guarded := %s\nguarded := %s", absence, text)
	}
	return fmt.Sprintf("default guarded(%s) := %s\nguarded(%s) := %s",
		strings.Join(slices.Repeat([]string{"_"}, len(names)), ", "), absence, strings.Join(names, ", "), text)
}

// shown is a reference in the author's own words.
func (r *reader) shown(ref ast.Ref) string {
	made := ref.Copy()
	if ref.HasPrefix(r.home) && len(ref) > len(r.home) {
		word, _ := ref[len(r.home)].Value.(ast.String)
		made = ast.Ref{ast.VarTerm(string(word))}.Concat(ref[len(r.home)+1:])
	}
	if name, ok := made[0].Value.(ast.Var); ok {
		if term := r.meant(name); term != nil {
			if inner, ok := term.Value.(ast.Ref); ok {
				return r.shown(inner.Concat(made[1:]))
			}
			made[0] = term
		}
	}
	for i, term := range made[1:] {
		if name, ok := term.Value.(ast.Var); ok {
			if meant := r.meant(name); meant != nil {
				made[i+1] = meant
			}
		}
	}
	return made.String()
}

func (r *reader) shownTerm(term *ast.Term) string {
	switch value := term.Value.(type) {
	case ast.Var:
		if meant := r.meant(value); meant != nil {
			return meant.String()
		}
		if value.IsGenerated() || value.IsWildcard() {
			return "_"
		}
	case ast.Ref:
		return r.shown(value)
	}
	return term.String()
}

// meant is the author's variable, or the term that a variable of the compiler's stands for.
func (r *reader) meant(name ast.Var) *ast.Term {
	if own, ok := r.compiler.RewrittenVars[name]; ok {
		if !own.IsGenerated() {
			return ast.VarTerm(string(own))
		}
		name = own
	}
	return r.scope.meaning(name)
}

// Mistakes in policies as plain values: ours and OPA's in one shape, in file order.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const hintRunesMax = 100

type diagnostic struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Hint    string `json:"hint,omitempty"`
}

type diagnostics []diagnostic

func (ds diagnostics) any() bool { return len(ds) > 0 }

func (ds *diagnostics) add(code string, loc *ast.Location, message, hint string) {
	d := diagnostic{Code: code, Message: message, Hint: hint}
	if loc != nil {
		d.File, d.Line, d.Column = loc.File, loc.Row, loc.Col
	}
	*ds = append(*ds, d)
}

// addError takes whatever OPA returns: one error, a list of them, or something without a place.
func (ds *diagnostics) addError(err error) {
	var list ast.Errors
	var one *ast.Error
	switch {
	case err == nil:
	case errors.As(err, &list):
		for _, e := range list {
			ds.add(e.Code, e.Location, e.Message, hintOf(e))
		}
	case errors.As(err, &one):
		ds.add(one.Code, one.Location, one.Message, hintOf(one))
	default:
		ds.add("compile-error", nil, err.Error(), "")
	}
}

// sorted drops repetitions: one mistake may be seen by several stages.
func (ds diagnostics) sorted() diagnostics {
	slices.SortStableFunc(ds, func(a, b diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(ds)
}

func hintOf(e *ast.Error) string {
	switch detail := e.Details.(type) {
	case *ast.RefErrInvalidDetail:
		if len(detail.OneOf) == 0 {
			return ""
		}
		have := fmt.Sprint(detail.Ref[detail.Pos].Value)
		return "one of " + joinValues(detail.OneOf, strings.Trim(have, `"`))
	case *ast.ParserErrorDetail:
		line := []rune(strings.TrimSpace(detail.Line))
		return string(line[:min(len(line), hintRunesMax)])
	}
	return ""
}

// joinValues names the nearest word first, so that a slip of the keyboard reads as its correction.
func joinValues(values []ast.Value, have string) string {
	words := make([]string, 0, len(values))
	for _, value := range values {
		words = append(words, strings.Trim(value.String(), `"`))
	}
	slices.SortStableFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(distance(a, have), distance(b, have)), cmp.Compare(a, b))
	})
	return strings.Join(words, ", ")
}

// distance is Levenshtein's, with a swap of neighbours as one step.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// A decision by OPA's own evaluator, watched by a tracer that notes which contributions were made: the
// reference for what compiled modules answer.
package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// prepared keeps the last program: the same policies are asked about many inputs.
type prepared struct {
	key   [32]byte
	user  map[string]*ast.Module
	query rego.PreparedEvalQuery
}

type evaluation struct {
	// Result is absent when the decision is undefined.
	Result any     `json:"result,omitempty"`
	Fired  []fired `json:"fired"`
}

type fired struct {
	Package string `json:"package"`
	Rule    string `json:"rule"`
	File    string `json:"file"`
	Line    int    `json:"line"`
}

func (t *toolchain) evaluate(files []policyFile, input json.RawMessage) (*evaluation, diagnostics) {
	e, found := t.prepare(files)
	if found.any() {
		return nil, found
	}
	value, err := ast.ValueFromReader(bytes.NewReader(input))
	if err != nil {
		found.addError(err)
		return nil, found
	}
	tracer := &ruleTracer{user: e.user}
	results, err := e.query.Eval(background, rego.EvalParsedInput(value), rego.EvalQueryTracer(tracer), unindexed)
	if err != nil {
		found.addError(err)
		return nil, found
	}
	answer := &evaluation{Fired: tracer.sorted()}
	if len(results) == 1 {
		answer.Result = results[0].Expressions[0].Value
	}
	return answer, found
}

// unindexed makes OPA's evaluator try every rule: its index (1.22.0) passes over rules that say `x in {"a", input.b}`, and
// hides conflicts of rules that it passes over.
var unindexed = rego.EvalRuleIndexing(false)

// evaluations answer the inputs of one request, each on its own: an error of one says nothing about the next.
type evaluations struct {
	Evaluations []untraced `json:"evaluations"`
}

type untraced struct {
	// Result is absent when the decision is undefined, and where OPA's evaluator stops with an error.
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
	// Indexed is what it answers with its index where it stops without: a rule that the index passes over conflicts with nothing.
	Indexed any `json:"indexed,omitempty"`
}

// evaluateAll leaves the tracer out: it takes longer than the decision.
func (t *toolchain) evaluateAll(files []policyFile, inputs []json.RawMessage) (*evaluations, diagnostics) {
	e, found := t.prepare(files)
	if found.any() {
		return nil, found
	}
	all := &evaluations{Evaluations: []untraced{}}
	for _, input := range inputs {
		all.Evaluations = append(all.Evaluations, e.untraced(input))
	}
	return all, found
}

func (e *prepared) untraced(input json.RawMessage) untraced {
	value, err := ast.ValueFromReader(bytes.NewReader(input))
	if err != nil {
		return untraced{Error: err.Error()}
	}
	result, err := e.decision(rego.EvalParsedInput(value), unindexed)
	if err != nil {
		indexed, _ := e.decision(rego.EvalParsedInput(value))
		return untraced{Error: err.Error(), Indexed: indexed}
	}
	return untraced{Result: result}
}

// decision is nil where it is undefined.
func (e *prepared) decision(options ...rego.EvalOption) (any, error) {
	results, err := e.query.Eval(background, options...)
	if err != nil || len(results) != 1 {
		return nil, err
	}
	return results[0].Expressions[0].Value, nil
}

func (t *toolchain) prepare(files []policyFile) (*prepared, diagnostics) {
	encoded, _ := json.Marshal(files)
	key := sha256.Sum256(encoded)
	if t.last != nil && t.last.key == key {
		return t.last, nil
	}
	p, found := t.read(files, false)
	if found.any() {
		return nil, found
	}
	compiler := ast.NewCompiler().WithCapabilities(t.allowed)
	if compiler.Compile(p.modules); compiler.Failed() {
		found.addError(compiler.Errors)
		return nil, found
	}
	query, err := rego.New(
		rego.Compiler(compiler),
		rego.Store(inmem.NewFromObjectWithOpts(p.data, inmem.OptRoundTripOnWrite(false))),
		rego.Query("data.sallyport.decision"),
	).PrepareForEval(background)
	if err != nil {
		found.addError(err)
		return nil, found
	}
	t.last = &prepared{key: key, user: p.user, query: query}
	return t.last, nil
}

// ruleTracer collects the author's rules that a value came out of.
type ruleTracer struct {
	user  map[string]*ast.Module
	fired []fired
}

func (*ruleTracer) Enabled() bool               { return true }
func (*ruleTracer) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

func (r *ruleTracer) TraceEvent(event topdown.Event) {
	rule, ok := event.Node.(*ast.Rule)
	if event.Op != topdown.ExitOp || !ok || rule.Location == nil || r.user[rule.Location.File] == nil {
		return
	}
	word := contributionName(rule)
	if word == "" || kindOf(rule.Module.Package.Path) == "" {
		return
	}
	r.fired = append(r.fired, fired{
		Package: packageName(rule.Module.Package.Path),
		Rule:    word,
		File:    rule.Location.File,
		Line:    rule.Location.Row,
	})
}

func (r *ruleTracer) sorted() []fired {
	slices.SortFunc(r.fired, func(a, b fired) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule))
	})
	list := slices.Compact(r.fired)
	if list == nil {
		return []fired{}
	}
	return list
}

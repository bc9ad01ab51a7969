// Rego tests: OPA's own runner, with line coverage and the place where a failed test failed.
package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

var background = context.Background()

type tested struct {
	Results  []testResult `json:"results"`
	Coverage coverage     `json:"coverage"`
}

type testResult struct {
	Package string `json:"package"`
	Name    string `json:"name"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Outcome string `json:"outcome"`
	Output  string `json:"output,omitempty"`
}

type coverage struct {
	Percent float64        `json:"percent"`
	Files   []fileCoverage `json:"files"`
}

type fileCoverage struct {
	File       string   `json:"file"`
	Percent    float64  `json:"percent"`
	NotCovered [][2]int `json:"notCovered"`
}

func (t *toolchain) test(files []policyFile) (*tested, diagnostics) {
	p, found := t.read(files, true)
	if found.any() {
		return nil, found
	}
	store := inmem.NewFromObjectWithOpts(p.data, inmem.OptRoundTripOnWrite(false))
	txn, err := store.NewTransaction(background)
	if err != nil {
		found.addError(err)
		return nil, found
	}
	defer store.Abort(background, txn)
	covered := &failureTracer{Cover: cover.New()}
	results, err := t.runTests(p, store, txn, covered)
	if err != nil {
		found.addError(err)
		return nil, found
	}
	return &tested{Results: results, Coverage: covered.report(p.user)}, found
}

func (t *toolchain) runTests(
	p *program, store storage.Store, txn storage.Transaction, tracer *failureTracer,
) ([]testResult, error) {
	// The runner injects this call into table tests; policies cannot reach it.
	capabilities := *t.allowed
	capabilities.Builtins = append(slices.Clone(t.allowed.Builtins), ast.InternalTestCase)
	channel, err := tester.NewRunner().
		SetCompiler(ast.NewCompiler().WithCapabilities(&capabilities)).
		SetStore(store).
		SetModules(p.modules).
		SetParallel(1).
		CapturePrintOutput(false).
		SetCoverageQueryTracer(tracer).
		RunTests(background, txn)
	if err != nil {
		return nil, err
	}
	results := []testResult{}
	for result := range channel {
		results = append(results, p.resultOf(result, tracer))
	}
	slices.SortFunc(results, func(a, b testResult) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	return results, nil
}

func (p *program) resultOf(r *tester.Result, tracer *failureTracer) testResult {
	result := testResult{
		Package: strings.TrimPrefix(r.Package, "data."),
		Name:    r.Name,
		File:    r.Location.File,
		Line:    r.Location.Row,
		Outcome: "pass",
	}
	switch {
	case r.Skip:
		result.Outcome = "skip"
	case r.Error != nil:
		result.Outcome, result.Output = "error", r.Error.Error()
	case r.Fail:
		result.Outcome, result.Output = "fail", failedCases(r)
		if result.Output == "" {
			result.Output = tracer.lastFailure(r.Location, p.endOf(r.Location))
		}
	}
	return result
}

// failedCases names the rows of a table test that were not true.
func failedCases(r *tester.Result) string {
	var cases []string
	for path, row := range r.SubResults.Iter {
		if row.Fail {
			cases = append(cases, strings.Join(path, "/"))
		}
	}
	if len(cases) == 0 {
		return ""
	}
	return "not true for: " + strings.Join(cases, ", ")
}

// endOf is the line after a rule: where the next one starts, or beyond the file.
func (p *program) endOf(at *ast.Location) int {
	end := math.MaxInt
	for _, rule := range p.user[at.File].Rules {
		if row := rule.Location.Row; row > at.Row && row < end {
			end = row
		}
	}
	return end
}

// failureTracer is the coverage tracer that also remembers where test bodies failed.
type failureTracer struct {
	*cover.Cover
	lock     sync.Mutex
	failures []*ast.Location
}

func (f *failureTracer) TraceEvent(event topdown.Event) {
	f.Cover.TraceEvent(event)
	if event.Op == topdown.FailOp && event.Location != nil && isTestFile(event.Location.File) {
		f.lock.Lock()
		defer f.lock.Unlock()
		f.failures = append(f.failures, event.Location)
	}
}

func (f *failureTracer) lastFailure(rule *ast.Location, end int) string {
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, at := range slices.Backward(f.failures) {
		if at.File == rule.File && at.Row >= rule.Row && at.Row < end {
			return fmt.Sprintf("%s:%d: not true: %s", at.File, at.Row, strings.TrimSpace(string(at.Text)))
		}
	}
	return ""
}

// report covers the author's rules, not the tests themselves.
func (f *failureTracer) report(user map[string]*ast.Module) coverage {
	rules := map[string]*ast.Module{}
	for name, module := range user {
		if !isTestFile(name) {
			rules[name] = module
		}
	}
	result := coverage{Files: []fileCoverage{}}
	report := f.Report(rules)
	covered, missed := 0, 0
	for _, name := range sortedKeys(rules) {
		file := report.Files[name]
		covered, missed = covered+file.CoveredLines, missed+file.NotCoveredLines
		result.Files = append(result.Files, fileCoverage{
			File:       name,
			Percent:    percent(file.CoveredLines, file.NotCoveredLines),
			NotCovered: rowsOf(file.NotCovered),
		})
	}
	result.Percent = percent(covered, missed)
	return result
}

func percent(covered, missed int) float64 {
	if covered+missed == 0 {
		return 100
	}
	return math.Round(1000*float64(covered)/float64(covered+missed)) / 10
}

// rowsOf joins ranges that touch, so that a report names each line once.
func rowsOf(ranges []cover.Range) [][2]int {
	rows := [][2]int{}
	for _, r := range ranges {
		rows = append(rows, [2]int{r.Start.Row, r.End.Row})
	}
	slices.SortFunc(rows, func(a, b [2]int) int { return cmp.Or(a[0]-b[0], a[1]-b[1]) })
	joined := rows[:0]
	for _, row := range rows {
		if last := len(joined) - 1; last >= 0 && row[0] <= joined[last][1]+1 {
			joined[last][1] = max(joined[last][1], row[1])
		} else {
			joined = append(joined, row)
		}
	}
	return joined
}

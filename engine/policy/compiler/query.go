// Any query over any modules, compiled as policies are: the door by which OPA's own compliance cases come in. Packages may
// have any name here; what may be called, in which order and with which patterns is refused as everywhere.
package main

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
)

const (
	queryName       = libPrefix + "query.rego"
	queryEntrypoint = "sallyport/query/answer"
)

// queryRequest is the files with the query, and for OPA's own evaluator the input as a term, "" for none.
type queryRequest struct {
	Query string `json:"query"`
	Input string `json:"input"`
}

// compileQuery makes a module whose entrypoint answers the set of the query's bindings, each an object by variable.
func (t *toolchain) compileQuery(files []policyFile, query string) (*compiled, diagnostics) {
	p, found := t.readQuery(files, query)
	if found.any() {
		return nil, found
	}
	r := router{tables: tables{map[string]string{}, map[string]*ast.Term{}}}
	modules := map[string]*ast.Module{}
	for _, name := range sortedKeys(p.modules) {
		modules[name] = p.modules[name].Copy()
		r.tables.empty(modules[name])
	}
	wasm, err := t.build(modules, []string{queryEntrypoint})
	if err != nil {
		found.addError(err)
		return nil, found
	}
	data := r.documents(ast.MustInterfaceToValue(p.data).(ast.Object))
	return &compiled{Packages: []string{}, Data: valueText(data), wasm: wasm}, found
}

// evaluateQuery is the same answer by OPA's own evaluator, as a term.
func (t *toolchain) evaluateQuery(files []policyFile, asked *queryRequest) (*untraced, diagnostics) {
	p, found := t.readQuery(files, asked.Query)
	if found.any() {
		return nil, found
	}
	compiler := ast.NewCompiler().WithCapabilities(t.allowed)
	if compiler.Compile(p.modules); compiler.Failed() {
		found.addError(compiler.Errors)
		return nil, found
	}
	options := []func(*rego.Rego){
		rego.Compiler(compiler),
		rego.Store(inmem.NewFromObjectWithOpts(p.data, inmem.OptRoundTripOnWrite(false))),
		rego.Query("data." + strings.ReplaceAll(queryEntrypoint, "/", ".")),
		rego.GenerateJSON(func(term *ast.Term, _ *rego.EvalContext) (any, error) { return valueText(term.Value), nil }),
	}
	if asked.Input != "" {
		input, err := ast.ParseTerm(asked.Input)
		if err != nil {
			found.addError(err)
			return nil, found
		}
		options = append(options, rego.ParsedInput(input.Value))
	}
	results, err := rego.New(options...).Eval(background)
	switch {
	case topdown.IsError(err):
		return &untraced{Error: err.Error()}, found
	case err != nil:
		found.addError(err)
		return nil, found
	case len(results) == 0:
		return &untraced{}, found
	}
	return &untraced{Result: results[0].Expressions[0].Value}, found
}

func (t *toolchain) readQuery(files []policyFile, query string) (*program, diagnostics) {
	var found diagnostics
	p := &program{user: map[string]*ast.Module{}, modules: map[string]*ast.Module{}, data: map[string]any{}}
	for _, file := range files {
		if !strings.HasSuffix(file.Path, ".rego") {
			found = append(found, addDocument(p.data, file)...)
		} else if module, err := parseModule(file.Path, file.Text); err != nil {
			found.addError(err)
		} else if module != nil {
			p.user[file.Path], p.modules[file.Path] = module, module
		}
	}
	asking, err := queryModule(query)
	if err != nil {
		found.addError(err)
		return nil, found
	}
	p.modules[queryName] = asking
	r := refuser{t: t, found: &found}
	for _, module := range sortedModules(p.modules) {
		r.builtins(module)
		r.order(module)
	}
	resolved, err := p.resolve()
	found.addError(err)
	r.documentKeys(p.authored(resolved), p.data)
	return p, found
}

// queryModule has one rule: the query as its body, the query's variables in its head.
func queryModule(query string) (*ast.Module, error) {
	body, err := ast.ParseBodyWithOpts(query, ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return nil, err
	}
	var bindings []string
	vars := ast.NewVarVisitor().WithParams(ast.VarVisitorParams{SkipRefCallHead: true, SkipClosures: true})
	vars.Walk(body)
	for variable := range vars.Vars() {
		if !variable.IsWildcard() && !variable.IsGenerated() && !ast.RootDocumentNames.Contains(ast.NewTerm(variable)) {
			bindings = append(bindings, fmt.Sprintf("%q: %s", string(variable), variable))
		}
	}
	text := "package sallyport.query\n\nanswer contains {" + strings.Join(bindings, ", ") + "} if {\n" + query + "\n}\n"
	return parseModule(queryName, text)
}

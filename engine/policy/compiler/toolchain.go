// The toolchain's fixed parts, and the reading of a bundle's files into one checked program.
package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/compile"
)

const (
	entrypoint = "sallyport/decision"
	// libPrefix keeps the shipped modules' names apart from the author's files.
	libPrefix = "sallyport:/"
)

type toolchain struct {
	lib     map[string]*ast.Module
	schemas *ast.SchemaSet
	kinds   []string
	// allowed is what policies may call; every other builtin is unknown to the final compile.
	allowed *ast.Capabilities
	all     map[string]*ast.Builtin
	instead map[string]string
	last    *prepared
}

func newToolchain(s *setup) (*toolchain, error) {
	t := &toolchain{lib: map[string]*ast.Module{}, instead: s.Instead, all: map[string]*ast.Builtin{}}
	for _, file := range s.Lib {
		if strings.HasSuffix(file.Path, "_test.rego") {
			continue
		}
		module, err := parseModule(libPrefix+file.Path, file.Text)
		if err != nil {
			return nil, err
		}
		t.lib[libPrefix+file.Path] = module
	}
	t.schemas = ast.NewSchemaSet()
	for kind, schema := range s.Schemas {
		t.schemas.Put(schemaRef(kind), schema)
		t.kinds = append(t.kinds, kind)
	}
	slices.Sort(t.kinds)
	t.allowed = ast.CapabilitiesForThisVersion()
	for _, builtin := range t.allowed.Builtins {
		t.all[builtin.Name] = builtin
	}
	t.allowed.AllowNet = []string{}
	t.allowed.Builtins = nil
	for _, name := range s.Builtins {
		builtin, ok := t.all[name]
		if !ok {
			return nil, fmt.Errorf("capabilities name an unknown builtin: %s", name)
		}
		t.allowed.Builtins = append(t.allowed.Builtins, builtin)
	}
	return t, nil
}

func parseModule(name, text string) (*ast.Module, error) {
	return ast.ParseModuleWithOpts(name, text, ast.ParserOptions{
		RegoVersion:       ast.RegoV1,
		ProcessAnnotation: true,
	})
}

// program is a bundle that was read and checked, with the glue that lists its packages.
type program struct {
	user     map[string]*ast.Module
	modules  map[string]*ast.Module
	data     map[string]any
	packages []string
	resolved map[string]*ast.Module
}

func isTestFile(name string) bool { return strings.HasSuffix(name, "_test.rego") }

// read parses and checks; tests are left out unless asked for.
func (t *toolchain) read(files []policyFile, tests bool) (*program, diagnostics) {
	var found diagnostics
	p := &program{user: map[string]*ast.Module{}, data: map[string]any{}}
	for _, file := range files {
		switch base := path.Base(file.Path); {
		case strings.HasSuffix(base, ".rego"):
			if isTestFile(base) && !tests {
				continue
			}
			module, err := parseModule(file.Path, file.Text)
			if err != nil {
				found.addError(err)
			} else if module != nil {
				p.user[file.Path] = module
			}
		case base == "data.json" || base == "data.yaml" || base == "data.yml":
			found = append(found, addDocument(p.data, file)...)
		}
	}
	if found.any() {
		return nil, found
	}
	t.check(p, &found)
	return p, found
}

// check reports our own refusals and OPA's mistakes together. It compiles with every builtin known,
// so that a refused call is named by our message and does not hide the mistakes behind it.
func (t *toolchain) check(p *program, found *diagnostics) {
	r := refuser{t: t, found: found}
	for _, module := range sortedModules(p.user) {
		r.module(module)
	}
	t.annotate(p.user)
	p.assemble(t)
	every := ast.CapabilitiesForThisVersion()
	// Schemas that an author names are never fetched.
	every.AllowNet = []string{}
	compiler := ast.NewCompiler().
		WithCapabilities(every).
		WithStrict(true).
		WithSchemas(t.schemas).
		WithUseTypeCheckAnnotations(true).
		WithPathConflictsCheck(p.holdsDocument).
		WithOnlyStagesUpTo(ast.StageCheckDeprecatedBuiltins)
	compiler.SetErrorLimit(0)
	compiler.Compile(p.modules)
	if compiler.Failed() {
		found.addError(compiler.Errors)
		return
	}
	t.failOpen(compiler, p, found)
	if len(p.data) > 0 {
		resolved, err := p.resolve()
		found.addError(err)
		r.documentKeys(p.authored(resolved), p.data)
	}
}

// authored is the author's own of some modules, without tests.
func (p *program) authored(modules map[string]*ast.Module) []*ast.Module {
	var authored []*ast.Module
	for _, name := range sortedKeys(p.user) {
		if module := modules[name]; module != nil && !isTestFile(name) {
			authored = append(authored, module)
		}
	}
	return authored
}

// resolve gives every module with every name in full, so that a rule means the same elsewhere.
func (p *program) resolve() (map[string]*ast.Module, error) {
	if p.resolved != nil {
		return p.resolved, nil
	}
	every := ast.CapabilitiesForThisVersion()
	every.AllowNet = []string{}
	compiler := ast.NewCompiler().WithCapabilities(every).WithOnlyStagesUpTo(ast.StageResolveRefs)
	if compiler.Compile(p.modules); compiler.Failed() {
		return nil, compiler.Errors
	}
	p.resolved = compiler.Modules
	return p.resolved, nil
}

func (p *program) assemble(t *toolchain) {
	p.modules = map[string]*ast.Module{}
	for name, module := range p.user {
		p.modules[name] = module
	}
	for name, module := range t.lib {
		p.modules[name] = module
	}
	p.modules[glueName], p.packages = p.glue()
}

func sortedModules(modules map[string]*ast.Module) []*ast.Module {
	var sorted []*ast.Module
	for _, name := range sortedKeys(modules) {
		sorted = append(sorted, modules[name])
	}
	return sorted
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

type compiled struct {
	Packages []string `json:"packages"`
	// Data is the documents as Rego: the deciding module's tables hold sets too.
	Data string `json:"data"`
	// Routes are by kind.
	Routes map[string]route `json:"routes,omitempty"`
	wasm   []byte
}

// compile is the enforcing pass: what capabilities do not name does not exist here. The explaining module
// has a second entrypoint, so that the deciding one stays small.
func (t *toolchain) compile(files []policyFile, explaining bool) (*compiled, diagnostics) {
	p, found := t.read(files, false)
	if found.any() {
		return nil, found
	}
	result := &compiled{Packages: p.packages}
	modules, entrypoints, data := p.modules, []string{entrypoint}, ast.MustInterfaceToValue(p.data)
	if explaining {
		modules, entrypoints = p.withFired(), append(entrypoints, firedEntrypoint)
	} else {
		r, err := p.routed()
		if err != nil {
			found.addError(err)
			return nil, found
		}
		modules, result.Routes = r.modules, r.routes
		entrypoints = append(entrypoints, r.entrypoints()...)
		data = r.documents(data.(ast.Object))
	}
	result.Data = valueText(data)
	var err error
	if result.wasm, err = t.build(modules, entrypoints); err != nil {
		found.addError(err)
		return nil, found
	}
	return result, found
}

func (t *toolchain) build(modules map[string]*ast.Module, entrypoints []string) ([]byte, error) {
	input := &bundle.Bundle{Data: map[string]any{}}
	input.SetRegoVersion(ast.RegoV1)
	input.Manifest.Init()
	for _, name := range sortedKeys(modules) {
		// The builder takes rules from the modules that it is given, and changes none.
		given := *modules[name]
		given.Rules = slices.Clone(given.Rules)
		input.Modules = append(input.Modules, bundle.ModuleFile{URL: name, Path: name, Parsed: &given})
	}
	builder := compile.New().
		WithCapabilities(t.allowed).
		WithRegoVersion(ast.RegoV1).
		WithTarget(compile.TargetWasm).
		WithEntrypoints(entrypoints...).
		WithPruneUnused(true).
		WithBundle(input)
	if err := builder.Build(background); err != nil {
		return nil, err
	}
	return builder.Bundle().WasmModules[0].Raw, nil
}

// The glue between the author's packages and the resolver: a module, made in memory, that lists every
// contribution statically. References into documents by a computed name would be slow in WASM.
package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const glueName = libPrefix + "collected.rego"

// contributionNames are the partial sets that a package under rules.<kind> may define.
var contributionNames = []string{"allow", "approve", "budget", "deny", "infer", "mask"}

// contributes says whether a module's rules contribute to decisions, and of which kind. What is shipped does to every
// kind's.
func (p *program) contributes(name string) (kind string, does bool) {
	path := p.modules[name].Package.Path
	if p.user[name] == nil {
		return anyKind, path.Equal(shippedRef)
	}
	kind = kindOf(path)
	return kind, kind != "" && !isTestFile(name)
}

// shippedRef is the package of policies/lib that contributes to every decision.
var shippedRef = ast.MustParseRef("data.sallyport.shipped")

// glue writes `data.sallyport.collected`, which the resolver reads: under each contribution name the set of
// [package, entry]. It also returns the author's packages that contribute, sorted.
func (p *program) glue() (*ast.Module, []string) {
	found := map[string]map[string]bool{}
	refs := map[string]ast.Ref{}
	for name, module := range p.modules {
		if _, contributes := p.contributes(name); !contributes {
			continue
		}
		pkg := packageName(module.Package.Path)
		refs[pkg] = module.Package.Path
		for _, rule := range module.Rules {
			word := contributionName(rule)
			if word != "" {
				if found[pkg] == nil {
					found[pkg] = map[string]bool{}
				}
				found[pkg][word] = true
			}
		}
	}
	var text strings.Builder
	text.WriteString("package sallyport.collected\n")
	packages := sortedKeys(found)
	for _, word := range contributionNames {
		for _, pkg := range packages {
			if found[pkg][word] {
				writeContribution(&text, word, pkg, refs[pkg])
			}
		}
	}
	authors := slices.DeleteFunc(packages, func(pkg string) bool { return refs[pkg].Equal(shippedRef) })
	return mustParse(text.String()), authors
}

func writeContribution(text *strings.Builder, word, pkg string, ref ast.Ref) {
	fmt.Fprintf(text, "\n%s contains [%v, entry] if {\n", word, ast.String(pkg))
	if kind := kindOf(ref); kind != "" {
		fmt.Fprintf(text, "\tinput.kind == %v\n", ast.String(kind))
	}
	fmt.Fprintf(text, "\tsome entry in %v.%s\n}\n", ref, word)
}

func mustParse(text string) *ast.Module {
	return ast.MustParseModuleWithOpts(text, ast.ParserOptions{RegoVersion: ast.RegoV1})
}

// contributionName is the word that a rule contributes to, or nothing: only multi-value rules count.
func contributionName(rule *ast.Rule) string {
	ref := rule.Head.Ref()
	if len(ref) != 1 || rule.Head.RuleKind() != ast.MultiValue {
		return ""
	}
	word := ref[0].Value.String()
	if slices.Contains(contributionNames, word) {
		return word
	}
	return ""
}

// packageName is the package as an author writes it: without `data`, dotted.
func packageName(ref ast.Ref) string {
	return strings.TrimPrefix(ref.String(), "data.")
}

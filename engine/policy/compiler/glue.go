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
var contributionNames = []string{"allow", "approve", "deny", "mask"}

// glueModule writes `data.sallyport.collected`, which the resolver reads: under each contribution name the set of
// [package, entry]. It also returns the packages that contribute, sorted.
func glueModule(user map[string]*ast.Module) (*ast.Module, []string) {
	found := map[string]map[string]bool{}
	refs := map[string]ast.Ref{}
	for name, module := range user {
		if isTestFile(name) || kindOf(module.Package.Path) == "" {
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
	return mustParse(text.String()), packages
}

func writeContribution(text *strings.Builder, word, pkg string, ref ast.Ref) {
	kind := ast.String(kindOf(ref))
	fmt.Fprintf(text, "\n%s contains [%v, entry] if {\n", word, ast.String(pkg))
	fmt.Fprintf(text, "\tinput.kind == %v\n\tsome entry in %v.%s\n}\n", kind, ref, word)
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

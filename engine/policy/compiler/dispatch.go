// The glue of the module that decides. A compiled module pays for every document that it makes and every rule that it
// tries, so the rules of all packages are copied into one set per contribution name, and rules that name the commands
// they are about into sets that are only asked for then. What a policy decides stays the same.
package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

var commandRef = ast.MustParseRef("input.statement.command")

// gathered is the contributions of one kind: by contribution name, then by command; "" is every command.
type gathered map[string]map[string][]*ast.Rule

// dispatched is the program with its contributions gathered. Names are resolved first, so that a rule means the same
// in another package.
func (p *program) dispatched() (map[string]*ast.Module, error) {
	every := ast.CapabilitiesForThisVersion()
	every.AllowNet = []string{}
	compiler := ast.NewCompiler().WithCapabilities(every).WithOnlyStagesUpTo(ast.StageResolveRefs)
	compiler.Compile(p.modules)
	if compiler.Failed() {
		return nil, compiler.Errors
	}
	kinds := map[string]gathered{}
	modules := map[string]*ast.Module{}
	for _, name := range sortedKeys(p.modules) {
		modules[name] = p.modules[name]
		module := compiler.Modules[name]
		kind := kindOf(module.Package.Path)
		if p.user[name] == nil || kind == "" {
			continue
		}
		if kinds[kind] == nil {
			kinds[kind] = gathered{}
		}
		for _, rule := range module.Rules {
			if word := contributionName(rule); word != "" {
				kinds[kind].add(word, rule)
			}
		}
	}
	for name, module := range glueOf(kinds) {
		modules[name] = module
	}
	return modules, nil
}

func (g gathered) add(word string, rule *ast.Rule) {
	if g[word] == nil {
		g[word] = map[string][]*ast.Rule{}
	}
	commands := commandsOf(rule)
	if len(commands) == 0 {
		commands = []string{""}
	}
	for _, command := range commands {
		g[word][command] = append(g[word][command], rule)
	}
}

func glueOf(kinds map[string]gathered) map[string]*ast.Module {
	made := map[string]*ast.Module{}
	var collected strings.Builder
	collected.WriteString("package sallyport.collected\n")
	for _, kind := range sortedKeys(kinds) {
		for _, word := range contributionNames {
			if len(kinds[kind][word]) > 0 {
				fmt.Fprintf(&collected, "\n%s := data.sallyport.kinds.%s.%s if input.kind == %v\n",
					word, kind, word, ast.String(kind))
			}
		}
		made[libPrefix+"kinds/"+kind+".rego"] = kinds[kind].module(kind)
	}
	made[glueName] = mustParse(collected.String())
	return made
}

// module has, for each contribution name, the set of [package, entry] of the rules that are about this command or any.
func (g gathered) module(kind string) *ast.Module {
	var text strings.Builder
	fmt.Fprintf(&text, "package sallyport.kinds.%s\n", kind)
	sets := map[string][]*ast.Rule{}
	for _, word := range contributionNames {
		if len(g[word]) > 0 {
			g.write(&text, word, sets)
		}
	}
	module := mustParse(text.String())
	for _, name := range sortedKeys(sets) {
		for _, rule := range sets[name] {
			module.Rules = append(module.Rules, contributing(rule, module, name))
		}
	}
	return module
}

// write names the sets that the rules go to and says how they make up the contributions under a word.
func (g gathered) write(text *strings.Builder, word string, sets map[string][]*ast.Rule) {
	always := "always_" + word
	sets[always] = g[word][""]
	if len(sets[always]) == 0 {
		fmt.Fprintf(text, "\n%s := set()\n", always)
	}
	special := false
	for i, command := range sortedKeys(g[word]) {
		if command == "" {
			continue
		}
		special = true
		name := fmt.Sprintf("special_%s_%d", word, i)
		sets[name] = g[word][command]
		fmt.Fprintf(text, "\n%s_on(%v) := %s\n", word, ast.String(command), name)
	}
	if !special {
		fmt.Fprintf(text, "\n%s := %s\n", word, always)
		return
	}
	fmt.Fprintf(text, "\n%s := %s | special if {\n\tspecial := %s_on(input.statement.command)\n", word, always, word)
	fmt.Fprintf(text, "\tcount(special) > 0\n} else := %s\n", always)
}

// contributing is a copy of a rule whose entries go, with the name of their package, to a set of another module.
func contributing(rule *ast.Rule, module *ast.Module, name string) *ast.Rule {
	made := rule.Copy()
	pkg := ast.StringTerm(packageName(rule.Module.Package.Path))
	made.Module = module
	made.Head = ast.RefHead(ast.Ref{ast.VarTerm(name)})
	made.Head.Key = ast.ArrayTerm(pkg, rule.Head.Key.Copy())
	made.Head.Name = ast.Var(name)
	made.Head.Location = rule.Head.Location
	made.Annotations = nil
	return made
}

// commandsOf is the commands outside of which a rule cannot fire, by a condition at the top of its body that compares
// the statement's command with constants. Nothing when there is none.
func commandsOf(rule *ast.Rule) []string {
	for _, expr := range rule.Body {
		if expr.Negated || len(expr.With) > 0 || !expr.IsCall() || len(expr.Operands()) != 2 {
			continue
		}
		left, right := expr.Operand(0), expr.Operand(1)
		switch expr.Operator().String() {
		case ast.Equal.Name, ast.Equality.Name:
			if text, ok := right.Value.(ast.String); ok && isCommand(left) {
				return []string{string(text)}
			}
			if text, ok := left.Value.(ast.String); ok && isCommand(right) {
				return []string{string(text)}
			}
		case ast.Member.Name:
			if commands := constants(right); isCommand(left) && len(commands) > 0 {
				return commands
			}
		}
	}
	return nil
}

func isCommand(term *ast.Term) bool {
	ref, ok := term.Value.(ast.Ref)
	return ok && ref.Equal(commandRef)
}

// constants is the strings of a literal set or array that holds nothing else.
func constants(term *ast.Term) []string {
	var found []string
	plain := true
	take := func(item *ast.Term) {
		text, ok := item.Value.(ast.String)
		plain = plain && ok
		if ok && !slices.Contains(found, string(text)) {
			found = append(found, string(text))
		}
	}
	switch value := term.Value.(type) {
	case ast.Set:
		value.Foreach(take)
	case *ast.Array:
		value.Foreach(take)
	}
	if !plain {
		return nil
	}
	slices.Sort(found)
	return found
}

// The module that decides. For each kind and command it has one entrypoint, which answers [nonce, contributions]; only the
// rules that can fire for that command are behind it, and of those only the ones that an index names are tried. The
// resolver is a second question to the same module, about the contributions alone. What policies decide stays the same.
package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// contribution is one rule of the author's that allows, denies, asks for approval or masks; names are resolved.
type contribution struct {
	rule *ast.Rule
	// entry is [word, package, entry].
	entry *ast.Term
	// number is that of its entry when this is written out, or else -1.
	number int
	// name is that of its rule in the deciding module, group the package that this is in.
	group, name string
	// command says outside of which commands it cannot fire; without values, it can for every one.
	command    condition
	conditions []condition
}

// saidBy tells whether the rule says nothing but its commands and this.
func (c *contribution) saidBy(only condition) bool {
	said := slices.Concat(c.command.said, only.said)
	for at := range c.rule.Body {
		if !slices.Contains(said, at) {
			return false
		}
	}
	return c.number >= 0
}

// route is what the gateway asks for one kind and command, and what it must send.
type route struct {
	Entrypoint string `json:"entrypoint"`
	// Reads are paths into the input; the nonce, which every answer echoes, is sent anyway.
	Reads [][]string `json:"reads"`
}

// anyKind stands for the kinds that no package is about, anyCommand for the commands that no rule of a kind names.
const anyKind, anyCommand = "", ""

// router makes the deciding module's parts.
type router struct {
	finder *pathFinder
	// entries are the contributions that are written out, as [word, package, entry]; an evaluation names their numbers.
	entries []*ast.Term
	modules map[string]*ast.Module
	routes  map[string]map[string]route
	// shared are the routes by the names of the rules that they try.
	shared map[string]route
	// index is the rules to try, by table and value.
	index  map[string]*ast.Term
	tables tables
	taken  int
	// placed is how many rules have a function, by the kind of their value.
	placed map[string]int
}

const routesName = libPrefix + "routes/"

func newRouter(modules map[string]*ast.Module) *router {
	return &router{
		finder:  newPathFinder(modules),
		modules: map[string]*ast.Module{},
		routes:  map[string]map[string]route{},
		shared:  map[string]route{},
		index:   map[string]*ast.Term{},
		placed:  map[string]int{},
		tables:  tables{map[string]string{}, map[string]*ast.Term{}},
	}
}

// routed is the program as the deciding module has it. Names are resolved first, so that a rule means the same elsewhere.
func (p *program) routed() (*router, error) {
	every := ast.CapabilitiesForThisVersion()
	every.AllowNet = []string{}
	compiler := ast.NewCompiler().WithCapabilities(every).WithOnlyStagesUpTo(ast.StageResolveRefs)
	if compiler.Compile(p.modules); compiler.Failed() {
		return nil, compiler.Errors
	}
	r := newRouter(compiler.Modules)
	kinds := map[string][]*contribution{anyKind: nil}
	for _, name := range sortedKeys(p.modules) {
		kind, contributes := p.contributes(name)
		if !contributes {
			continue
		}
		for _, rule := range compiler.Modules[name].Rules {
			if word := contributionName(rule); word != "" {
				kinds[kind] = append(kinds[kind], r.take(word, rule))
			}
		}
	}
	for _, kind := range sortedKeys(kinds) {
		rules := kinds[kind]
		if kind != anyKind {
			rules = slices.Concat(kinds[anyKind], rules)
		}
		r.routes[kind] = map[string]route{}
		r.routeKind(kind, rules)
	}
	for name, module := range p.modules {
		r.modules[name] = r.left(module, compiler.Modules[name])
	}
	r.modules[glueName] = mustParse(collectedGlue)
	for _, name := range sortedKeys(r.modules) {
		r.modules[name] = r.tables.moved(r.modules[name])
	}
	return r, nil
}

// left is a module without the contributions that only were taken.
func (r *router) left(module, resolved *ast.Module) *ast.Module {
	made := *module
	made.Rules = nil
	for i, rule := range module.Rules {
		if contributionName(rule) == "" || r.finder.referred[resolved.Rules[i]] {
			made.Rules = append(made.Rules, rule)
		}
	}
	return &made
}

func (r *router) entrypoints() []string {
	var paths []string
	for number := range len(r.shared) {
		paths = append(paths, entrypointOf(number))
	}
	return paths
}

func entrypointOf(number int) string { return fmt.Sprintf("sallyport/routes/n%d/answer", number) }

// collectedGlue gives the resolver what the gateway was answered before.
const collectedGlue = `package sallyport.collected

allow := of("allow")
deny := of("deny")
approve := of("approve")
mask := of("mask")

of(word) := {[pkg, entry] |
	some item in input.contributions
	[word, pkg, entry] = written(item)
}

written(item) := data.sallyport.written[item] if is_number(item)
written(item) := item if is_array(item)
`

func (r *router) take(word string, rule *ast.Rule) *contribution {
	c := &contribution{rule: rule, name: fmt.Sprint("r", r.taken), number: -1}
	r.taken++
	for _, condition := range conditionsOf(rule) {
		if condition.source.key() == commandSource.key() && len(c.command.values) == 0 {
			c.command = condition
		} else {
			c.conditions = append(c.conditions, condition)
		}
	}
	c.entry = ast.ArrayTerm(
		ast.StringTerm(word), ast.StringTerm(packageName(rule.Module.Package.Path)), rule.Head.Key.Copy())
	if ast.IsConstant(c.entry.Value) {
		c.number = len(r.entries)
		r.entries = append(r.entries, c.entry)
	}
	return c
}

// groupRulesMax is how many rules are in one package: OPA's compiler takes time by its square.
const groupRulesMax = 100

// place gives the rule a function of its own, once: with its entry's number as value where that is written out, and else
// with the entry in a set.
func (r *router) place(c *contribution) {
	if c.group != "" {
		return
	}
	kind := "computed"
	if c.number >= 0 {
		kind = "fixed"
	}
	c.group = fmt.Sprint("g", r.placed[kind]/groupRulesMax)
	r.placed[kind]++
	name := fmt.Sprintf("%s%s/%s.rego", routesName, kind, c.group)
	if r.modules[name] == nil {
		r.modules[name] = mustParse(fmt.Sprintf("package sallyport.%s.%s", kind, c.group))
	}
	made := c.as(r.modules[name], c.name)
	if c.number >= 0 {
		made.Head.Key, made.Head.Value = nil, made.Head.Key
	}
	r.modules[name].Rules = append(r.modules[name].Rules, made)
}

// as is the rule as one of another module's, under which its entry, or the number of that, goes to a set.
func (c *contribution) as(module *ast.Module, name string) *ast.Rule {
	made := c.rule.Copy()
	made.Annotations = nil
	made.Module = module
	made.Head = ast.RefHead(ast.Ref{ast.VarTerm(name)})
	made.Head.Location = c.rule.Head.Location
	made.Head.Key = c.entry
	if c.number >= 0 {
		made.Head.Key = ast.IntNumberTerm(c.number)
	}
	return made
}

func (r *router) routeKind(kind string, rules []*contribution) {
	commands := map[string]bool{anyCommand: true}
	for _, rule := range rules {
		for _, command := range rule.command.values {
			commands[command] = true
		}
	}
	for _, command := range sortedKeys(commands) {
		var able []*contribution
		for _, rule := range rules {
			if len(rule.command.values) == 0 || slices.Contains(rule.command.values, command) {
				able = append(able, rule)
			}
		}
		r.routes[kind][command] = r.route(able)
	}
}

// route makes the entrypoint that tries these rules, or finds the one that does already.
func (r *router) route(rules []*contribution) route {
	var names strings.Builder
	reads, seen := inputPaths{}, map[*ast.Rule]bool{}
	for _, rule := range rules {
		names.WriteString(rule.name + " ")
		r.finder.closure(rule.rule, reads, seen)
	}
	if known, ok := r.shared[names.String()]; ok {
		return known
	}
	if reads["nonce"] {
		// What changes with every evaluation is not a fact: such rules are given everything, and never from a memo.
		reads[""] = true
	}
	number := len(r.shared)
	made := route{Entrypoint: entrypointOf(number), Reads: reads.sorted()}
	r.modules[fmt.Sprintf("%sn%d.rego", routesName, number)] = r.module(number, indexed(rules))
	r.shared[names.String()] = made
	return made
}

// module is the entrypoint's: `found` is the contributions that are made, as numbers or entries.
func (r *router) module(number int, rules index) *ast.Module {
	var text strings.Builder
	fmt.Fprintf(&text, "package sallyport.routes.n%d\n\nanswer := [input.nonce, found]\n", number)
	text.WriteString("\nfound contains 0 if false\n")
	for _, table := range rules.tables {
		r.lookUp(&text, table)
	}
	inline := rules.direct
	if len(inline) > inlineRulesMax {
		inline = nil
		r.try(&text, rules.direct)
	}
	module := mustParse(text.String())
	for _, rule := range inline {
		module.Rules = append(module.Rules, rule.as(module, "found"))
	}
	return module
}

const (
	// inlineRulesMax is how many rules are tried where they are needed, for a call costs as much as a plain rule.
	inlineRulesMax = 8
	// partRulesMax is how many are called in one function: large ones are compiled badly by engines.
	partRulesMax = 50
)

func (r *router) try(text *strings.Builder, rules []*contribution) {
	part := 0
	for some := range slices.Chunk(rules, partRulesMax) {
		fmt.Fprintf(text, "\nfound contains entry if some entry in part%d\n", part)
		for _, rule := range some {
			r.place(rule)
			if rule.number >= 0 {
				fmt.Fprintf(text, "\npart%d contains data.sallyport.fixed.%s.%s\n", part, rule.group, rule.name)
			} else {
				fmt.Fprintf(text, "\npart%d contains entry if some entry in data.sallyport.computed.%s.%s\n",
					part, rule.group, rule.name)
			}
		}
		part++
	}
}

// lookUp tries the rules of the rows that the source's values name; those that are certain need not be tried.
func (r *router) lookUp(text *strings.Builder, from table) {
	certain, fixed, computed := map[string][]int{}, map[string][][2]string{}, map[string][][2]string{}
	for _, value := range sortedKeys(from.rows) {
		for _, rule := range from.rows[value] {
			if rule.certain {
				certain[value] = append(certain[value], rule.number)
				continue
			}
			r.place(rule.contribution)
			path := [2]string{rule.group, rule.name}
			if rule.number >= 0 {
				fixed[value] = append(fixed[value], path)
			} else {
				computed[value] = append(computed[value], path)
			}
		}
	}
	write := func(rows any, found string) {
		name := fmt.Sprint("index", len(r.index))
		r.index[name] = ast.NewTerm(ast.MustInterfaceToValue(rows))
		fmt.Fprintf(text, "\nfound contains entry if {\n\ttable := data.sallyport.%s\n\t%s\n\t%s\n}\n",
			name, from.source.binding(), found)
	}
	if len(certain) > 0 {
		write(certain, "some entry in table[value]")
	}
	if len(fixed) > 0 {
		write(fixed, "some [group, name] in table[value]\n\tentry := data.sallyport.fixed[group][name]")
	}
	if len(computed) > 0 {
		write(computed, "some [group, name] in table[value]\n\tmade := data.sallyport.computed[group][name]\n\tsome entry in made")
	}
}

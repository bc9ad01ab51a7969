// The module that decides. For each kind it has one entrypoint, which answers [nonce, contributions]: those of the rules
// that are always tried, and of the ones that the gateway found in the index and names. The resolver is a second question
// to the same module, about the contributions alone. What policies decide stays the same.
package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// contribution is one rule of the author's that allows, denies, asks for approval, masks, bounds or lets infer; names are resolved.
type contribution struct {
	rule *ast.Rule
	// entry is [word, package, entry].
	entry *ast.Term
	// number is that of its entry when this is written out, or else -1.
	number     int
	conditions []condition
	// place is that of its rule in the deciding module, [package, name] below `sallyport_fixed` or `sallyport_computed`: every
	// word of a path costs time.
	place [2]string
}

// route is what the gateway asks for one kind, and what it must send.
type route struct {
	Entrypoint string `json:"entrypoint"`
	// Direct is how many rules are tried at every evaluation, Always the paths into the input that these can read; the
	// nonce, which every answer echoes, is sent anyway.
	Direct int        `json:"direct"`
	Always [][]string `json:"always"`
	// Reads are the paths that rules can read, by command.
	Reads map[string][][]string `json:"reads"`
	Index index                 `json:"index"`
}

// anyKind stands for the kinds that no package is about, anyCommand for the commands that no rule of a kind names.
const anyKind, anyCommand = "", ""

// router makes the deciding module's parts.
type router struct {
	finder *pathFinder
	// entries are the contributions that are written out; an evaluation names their numbers.
	entries []*ast.Term
	modules map[string]*ast.Module
	routes  map[string]route
	tables  tables
	// placed is how many rules have a function, by the kind of their value.
	placed map[string]int
}

const routesName = libPrefix + "routes/"

// routed is the program as the deciding module has it.
func (p *program) routed() (*router, error) {
	resolved, err := p.resolve()
	if err != nil {
		return nil, err
	}
	r := &router{
		finder:  newPathFinder(resolved),
		modules: map[string]*ast.Module{},
		routes:  map[string]route{},
		tables:  tables{map[string]string{}, map[string]*ast.Term{}},
		placed:  map[string]int{},
	}
	kinds := map[string][]*contribution{anyKind: nil}
	for _, name := range sortedKeys(p.modules) {
		kind, contributes := p.contributes(name)
		if !contributes {
			continue
		}
		for _, rule := range resolved[name].Rules {
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
		r.routes[kind] = r.route(rules)
	}
	for name, module := range p.modules {
		r.modules[name] = r.left(module, resolved[name], p.user[name] == nil)
	}
	r.modules[glueName] = mustParse(collectedGlue)
	for _, name := range sortedKeys(r.modules) {
		r.tables.empty(r.modules[name])
	}
	return r, nil
}

// left is a module without the contributions that only were taken. What is shipped serves other programs too.
func (r *router) left(module, resolved *ast.Module, shipped bool) *ast.Module {
	if shipped {
		module = module.Copy()
	}
	made := *module
	made.Rules = nil
	for i, rule := range module.Rules {
		if contributionName(rule) == "" || r.finder.referred[resolved.Rules[i]] {
			made.Rules = append(made.Rules, rule)
		}
	}
	return &made
}

// collectedGlue gives the resolver what the gateway was answered before.
const collectedGlue = `package sallyport.collected

allow := of("allow")
deny := of("deny")
approve := of("approve")
mask := of("mask")
infer := of("infer")
budget := of("budget")

of(word) := {[pkg, entry] |
	some item in input.contributions
	[word, pkg, entry] = written(item)
}

written(item) := data.sallyport.written[item] if is_number(item)
written(item) := item if is_array(item)
`

func (r *router) take(word string, rule *ast.Rule) *contribution {
	c := &contribution{rule: rule, number: -1, conditions: conditionsOf(rule)}
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

// put gives the rule a function of its own, once: with its entry's number as value where that is written out, and else
// with the entry in a set.
func (r *router) put(c *contribution) {
	if c.place[0] != "" {
		return
	}
	family := c.family()
	number := r.placed[family]
	r.placed[family]++
	c.place = [2]string{fmt.Sprint("g", number/groupRulesMax), fmt.Sprint("r", number)}
	name := fmt.Sprintf("%s%s/%s.rego", routesName, family, c.place[0])
	if r.modules[name] == nil {
		r.modules[name] = mustParse(fmt.Sprintf("package sallyport_%s.%s", family, c.place[0]))
	}
	made := c.as(r.modules[name], c.place[1])
	if c.number >= 0 {
		made.Head.Key, made.Head.Value = nil, made.Head.Key
	}
	r.modules[name].Rules = append(r.modules[name].Rules, made)
}

func (c *contribution) family() string {
	if c.number >= 0 {
		return "fixed"
	}
	return "computed"
}

// as is the rule as one of another module's, under which its entry, or the number of that, goes to a set. The body stays
// that of the original.
func (c *contribution) as(module *ast.Module, name string) *ast.Rule {
	made := *c.rule
	made.Annotations = nil
	made.Module = module
	made.Head = ast.RefHead(ast.Ref{ast.VarTerm(name)})
	made.Head.Location = c.rule.Head.Location
	made.Head.Key = c.entry
	if c.number >= 0 {
		made.Head.Key = ast.IntNumberTerm(c.number)
	}
	return &made
}

// route makes the entrypoint of a kind with these rules.
func (r *router) route(rules []*contribution) route {
	number := len(r.routes)
	made := route{Entrypoint: entrypointOf(number), Reads: map[string][][]string{}}
	made.Index.Sources, made.Index.Rules = []source{}, []indexedRule{}
	always, sources, found := inputPaths{}, map[string]int{}, neighboursOf(rules)
	// What the gateway found is named in the input: rules that can see the whole of it are not to see that.
	whole := isEverything(r.readsOf(rules))
	var direct []*contribution
	for _, rule := range rules {
		if whole || len(rule.conditions) == 0 {
			direct = append(direct, rule)
			r.finder.closure(rule.rule, always, map[*ast.Rule]bool{})
			continue
		}
		r.put(rule)
		found.cheapestFirst(rule.conditions)
		made.Index.Rules = append(made.Index.Rules, indexedRule{
			Try:        rule.place,
			Computed:   rule.number < 0,
			Conditions: made.Index.add(rule.conditions, sources),
			Reads:      r.readsOf([]*contribution{rule}),
		})
	}
	made.Direct, made.Always = len(direct), always.sorted()
	for command, able := range byCommand(rules) {
		made.Reads[command] = r.readsOf(able)
	}
	r.modules[fmt.Sprintf("%sn%d.rego", routesName, number)] = r.module(number, direct)
	return made
}

func entrypointOf(number int) string { return fmt.Sprintf("sallyport/routes/n%d/answer", number) }

func (r *router) entrypoints() []string {
	var paths []string
	for number := range len(r.routes) {
		paths = append(paths, entrypointOf(number))
	}
	return paths
}

// readsOf is what rules can read.
func (r *router) readsOf(rules []*contribution) [][]string {
	paths, seen := inputPaths{}, map[*ast.Rule]bool{}
	for _, rule := range rules {
		r.finder.closure(rule.rule, paths, seen)
	}
	return paths.sorted()
}

func isEverything(paths [][]string) bool { return len(paths) == 1 && len(paths[0]) == 0 }

var commandKey = source{Path: []string{"statement", "command"}}.key()

// byCommand is the rules that can fire for each command that one of them names, and for any other.
func byCommand(rules []*contribution) map[string][]*contribution {
	able := map[string][]*contribution{anyCommand: nil}
	for _, rule := range rules {
		for _, c := range rule.conditions {
			for _, value := range c.values {
				if command, ok := value.(string); ok && c.source.key() == commandKey {
					able[command] = nil
				}
			}
		}
	}
	for command := range able {
		for _, rule := range rules {
			if rule.canFireFor(command) {
				able[command] = append(able[command], rule)
			}
		}
	}
	return able
}

func (c *contribution) canFireFor(command string) bool {
	return !slices.ContainsFunc(c.conditions, func(needed condition) bool {
		return needed.source.key() == commandKey && !slices.Contains(needed.values, any(command))
	})
}

const (
	// inlineRulesMax is how many rules are tried where they are needed, for a call costs as much as a plain rule.
	inlineRulesMax = 8
	// partRulesMax is how many are called in one function: large ones are compiled badly by engines.
	partRulesMax = 50
)

// module is the entrypoint's: `found` is the contributions that are made, as numbers or entries.
func (r *router) module(number int, direct []*contribution) *ast.Module {
	var text strings.Builder
	fmt.Fprintf(&text, `package sallyport.routes.n%d

answer := [input.nonce, found]

found contains entry if {
	some [group, name] in input.fixed
	entry := data.sallyport_fixed[group][name]
}

found contains entry if {
	some [group, name] in input.computed
	made := data.sallyport_computed[group][name]
	some entry in made
}
`, number)
	inline := direct
	if len(inline) > inlineRulesMax {
		inline = nil
		r.try(&text, direct)
	}
	module := mustParse(text.String())
	for _, rule := range inline {
		module.Rules = append(module.Rules, rule.as(module, "found"))
	}
	return module
}

func (r *router) try(text *strings.Builder, rules []*contribution) {
	part := 0
	for some := range slices.Chunk(rules, partRulesMax) {
		fmt.Fprintf(text, "\nfound contains entry if some entry in part%d\n", part)
		for _, rule := range some {
			r.put(rule)
			made := fmt.Sprintf("data.sallyport_%s.%s.%s", rule.family(), rule.place[0], rule.place[1])
			if rule.number >= 0 {
				fmt.Fprintf(text, "\npart%d contains %s\n", part, made)
			} else {
				fmt.Fprintf(text, "\npart%d contains entry if some entry in %s\n", part, made)
			}
		}
		part++
	}
}

// Which rules to try: tables from the texts of one source to the rules that need one of them.
package main

import (
	"cmp"
	"slices"
)

// tableRulesMin is how many rules must share a source for a look-up to cost less than trying them.
const tableRulesMin = 4

// index is the rules of one route, by how they are found.
type index struct {
	// direct is tried at every evaluation.
	direct []*contribution
	tables []table
}

type table struct {
	source source
	rows   map[string][]candidate
}

// candidate is a rule that one value of the table's source makes possible, or certain.
type candidate struct {
	*contribution
	certain bool
}

// indexed gives each rule the source under which it has the fewest neighbours.
func indexed(rules []*contribution) index {
	usable := map[string]bool{}
	for _, rule := range rules {
		for _, c := range rule.conditions {
			usable[c.source.key()] = true
		}
	}
	for {
		made, small := assign(rules, usable)
		if len(small) == 0 {
			return made
		}
		// Rules of a table that is too small may find another one.
		delete(usable, small[0])
	}
}

// assign also names the tables that are too small, the smallest first.
func assign(rules []*contribution, usable map[string]bool) (made index, small []string) {
	neighbours, sizes := map[[2]string]int{}, map[string]int{}
	for _, rule := range rules {
		for _, c := range rule.conditions {
			sizes[c.source.key()]++
			for _, value := range c.values {
				neighbours[[2]string{c.source.key(), value}]++
			}
		}
	}
	tables, chosen := map[string]*table{}, map[string]int{}
	for _, rule := range rules {
		best := -1
		var cost, size int
		for i, c := range rule.conditions {
			key := c.source.key()
			if !usable[key] {
				continue
			}
			most := 0
			for _, value := range c.values {
				most = max(most, neighbours[[2]string{key, value}])
			}
			if best < 0 || most < cost || most == cost && sizes[key] > size {
				best, cost, size = i, most, sizes[key]
			}
		}
		if best < 0 {
			made.direct = append(made.direct, rule)
			continue
		}
		c := rule.conditions[best]
		key := c.source.key()
		if tables[key] == nil {
			tables[key] = &table{c.source, map[string][]candidate{}}
		}
		chosen[key]++
		for _, value := range c.values {
			tables[key].rows[value] = append(tables[key].rows[value], candidate{rule, rule.saidBy(c)})
		}
	}
	for _, key := range sortedKeys(tables) {
		made.tables = append(made.tables, *tables[key])
		if chosen[key] < tableRulesMin {
			small = append(small, key)
		}
	}
	slices.SortStableFunc(small, func(a, b string) int { return cmp.Compare(chosen[a], chosen[b]) })
	return made, small
}

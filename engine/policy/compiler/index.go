// How the gateway finds the rules to try: each under the values of one source, where it has the fewest neighbours.
package main

import "encoding/json"

// index is what the gateway is told of a kind's rules.
type index struct {
	Sources []source `json:"sources"`
	// Rules are those that need not be tried at every evaluation.
	Rules []indexedRule `json:"rules"`
}

type indexedRule struct {
	// Try is the rule's place in the deciding module, [package, name].
	Try      [2]string `json:"try"`
	Computed bool      `json:"computed,omitempty"`
	// Conditions are all that it is known to need, the first is the one to find it by.
	Conditions []indexedCondition `json:"conditions"`
	Reads      [][]string         `json:"reads"`
}

type indexedCondition struct {
	Source int   `json:"source"`
	Values []any `json:"values"`
}

// neighbours counts rules by source and value.
type neighbours map[string]map[string]int

func neighboursOf(rules []*contribution) neighbours {
	n := neighbours{}
	for _, rule := range rules {
		for _, c := range rule.conditions {
			key := c.source.key()
			if n[key] == nil {
				n[key] = map[string]int{}
			}
			for _, value := range c.values {
				n[key][valueKey(value)]++
			}
		}
	}
	return n
}

func valueKey(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// cost is how many rules are found with this one at worst.
func (n neighbours) cost(c condition) int {
	most := 0
	for _, value := range c.values {
		most = max(most, n[c.source.key()][valueKey(value)])
	}
	return most
}

// cheapestFirst moves the condition to find the rule by to the front.
func (n neighbours) cheapestFirst(conditions []condition) {
	best := 0
	for i, c := range conditions {
		if n.cost(c) < n.cost(conditions[best]) {
			best = i
		}
	}
	conditions[0], conditions[best] = conditions[best], conditions[0]
}

// add gives the conditions of a rule, with each source named once.
func (i *index) add(conditions []condition, known map[string]int) []indexedCondition {
	var made []indexedCondition
	for _, c := range conditions {
		number, ok := known[c.source.key()]
		if !ok {
			number = len(i.Sources)
			known[c.source.key()] = number
			i.Sources = append(i.Sources, c.source)
		}
		made = append(made, indexedCondition{number, c.values})
	}
	return made
}

// Data documents: data.json and data.yaml contribute under the path of their directory.
package main

import (
	"path"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

func addDocument(root map[string]any, file policyFile) (found diagnostics) {
	at := &ast.Location{File: file.Path, Row: 1, Col: 1}
	var value any
	if err := util.Unmarshal([]byte(file.Text), &value); err != nil {
		found.add("data-invalid", at, "cannot be read: "+err.Error(), "")
		return found
	}
	document, ok := value.(map[string]any)
	if !ok {
		found.add("data-invalid", at, "a data document must be an object at its top", "")
		return found
	}
	var keys []string
	if dir := path.Dir(file.Path); dir != "." {
		keys = strings.Split(dir, "/")
	}
	document = nest(keys, document)
	for _, name := range sortedKeys(document) {
		if isReserved(ast.StringTerm(name)) {
			found.add("package-reserved", at, "data."+name+" belongs to the gateway",
				"put the document under another path")
			return found
		}
	}
	if where, ok := merge(root, document, ""); !ok {
		found.add("data-conflict", at, "data"+where+" is defined by two documents",
			"keep one of them")
	}
	return found
}

func nest(keys []string, document map[string]any) map[string]any {
	for i := len(keys) - 1; i >= 0; i-- {
		document = map[string]any{keys[i]: document}
	}
	return document
}

// merge joins objects key by key and refuses to overwrite a value, naming its path.
func merge(into, from map[string]any, at string) (string, bool) {
	for _, key := range sortedKeys(from) {
		known, exists := into[key]
		if !exists {
			into[key] = from[key]
			continue
		}
		inner, ok1 := known.(map[string]any)
		added, ok2 := from[key].(map[string]any)
		if !ok1 || !ok2 {
			return at + "." + key, false
		}
		if where, ok := merge(inner, added, at+"."+key); !ok {
			return where, false
		}
	}
	return "", true
}

func (p *program) holdsDocument(keys []string) (bool, error) {
	var value any = p.data
	for _, key := range keys {
		object, ok := value.(map[string]any)
		if !ok {
			return false, nil
		}
		if value, ok = object[key]; !ok {
			return false, nil
		}
	}
	return true, nil
}

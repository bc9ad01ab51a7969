// Shapes from JSON Schemas: what an input promises that satisfies its schema.
package main

import (
	"maps"
	"strings"
)

// schemaDepthMax ends schemas that refer to themselves: below, nothing is promised.
const schemaDepthMax = 16

var schemaSorts = map[string]sorts{
	"null": isNull, "boolean": isBoolean, "integer": isNumber, "number": isNumber,
	"string": isString, "array": isArray, "object": isObject,
}

// schemaReader follows references inside one schema.
type schemaReader struct{ root map[string]any }

func shapeOfSchema(schema any) *shape {
	root, ok := schema.(map[string]any)
	if !ok {
		return anything
	}
	return schemaReader{root: root}.shape(root, 0)
}

func (r schemaReader) shape(schema any, depth int) *shape {
	node, ok := schema.(map[string]any)
	if !ok || depth > schemaDepthMax {
		return anything
	}
	if path, ok := node["$ref"].(string); ok {
		return r.shape(r.follow(path), depth+1)
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		if alternatives, ok := node[word].([]any); ok && node["type"] == nil {
			var shapes []*shape
			for _, one := range alternatives {
				shapes = append(shapes, r.shape(one, depth+1))
			}
			return either(shapes...)
		}
	}
	made := &shape{sorts: sortsOf(node), whole: node["type"] == "integer", fields: map[string]*shape{}, certain: map[string]bool{}}
	if made.sorts == anySort {
		return anything
	}
	r.members(made, node, depth)
	parts, _ := node["allOf"].([]any)
	for _, part := range parts {
		also := r.shape(part, depth+1)
		maps.Copy(made.fields, also.fields)
		maps.Copy(made.certain, also.certain)
	}
	return made
}

func (r schemaReader) members(made *shape, node map[string]any, depth int) {
	properties, _ := node["properties"].(map[string]any)
	for name, property := range properties {
		made.fields[name] = r.shape(property, depth+1)
	}
	required, _ := node["required"].([]any)
	for _, name := range required {
		if name, ok := name.(string); ok {
			made.certain[name] = true
		}
	}
	made.least = len(made.certain)
	if items, ok := node["items"]; ok {
		made.rest = r.shape(items, depth+1)
	}
	if more, ok := node["additionalProperties"]; ok && more != false {
		made.rest = r.shape(more, depth+1)
	}
	if least, ok := wholeNumber(node["minItems"]); ok {
		made.least = least
	}
}

func sortsOf(node map[string]any) sorts {
	switch word := node["type"].(type) {
	case string:
		return schemaSorts[word]
	case []any:
		var found sorts
		for _, one := range word {
			name, _ := one.(string)
			found |= schemaSorts[name]
		}
		return found
	}
	if node["properties"] != nil || node["allOf"] != nil {
		return isObject
	}
	return anySort
}

// follow finds `#/definitions/name` and the like; anything else promises nothing.
func (r schemaReader) follow(path string) any {
	var at any = r.root
	for _, word := range strings.Split(strings.TrimPrefix(path, "#/"), "/") {
		node, _ := at.(map[string]any)
		at = node[word]
	}
	return at
}

// wholeNumber takes a number from a decoded document, whichever type the decoder chose.
func wholeNumber(value any) (int, bool) {
	switch number := value.(type) {
	case float64:
		return int(number), true
	case interface{ Int64() (int64, error) }:
		whole, err := number.Int64()
		return int(whole), err == nil
	}
	return 0, false
}

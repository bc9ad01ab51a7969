// Input schemas: every package under rules.<kind> is checked against the schema of its kind.
package main

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

func schemaRef(kind string) ast.Ref {
	return ast.SchemaRootRef.Copy().Append(ast.StringTerm(kind))
}

// kindOf is the second word of `rules.<kind>...`, or nothing for any other package.
func kindOf(pkg ast.Ref) string {
	if len(pkg) < 3 || !isWord(pkg[1], "rules") {
		return ""
	}
	if kind, ok := pkg[2].Value.(ast.String); ok {
		return string(kind)
	}
	return ""
}

func isWord(term *ast.Term, word string) bool {
	text, ok := term.Value.(ast.String)
	return ok && string(text) == word
}

// annotate gives each package the schema of its kind where the author named none for `input`.
// OPA takes one package annotation a package, so the first module that has one is extended.
func (t *toolchain) annotate(modules map[string]*ast.Module) {
	byPackage := map[string][]*ast.Module{}
	for _, module := range sortedModules(modules) {
		byPackage[module.Package.Path.String()] = append(byPackage[module.Package.Path.String()], module)
	}
	for _, group := range byPackage {
		kind := kindOf(group[0].Package.Path)
		if t.schemas.Get(schemaRef(kind)) == nil {
			continue
		}
		schema := &ast.SchemaAnnotation{Path: ast.InputRootRef.Copy(), Schema: schemaRef(kind)}
		if annotation := packageAnnotation(group); annotation == nil {
			made := (&ast.Annotations{Scope: "package", Location: group[0].Package.Location}).Copy(group[0].Package)
			made.Schemas = []*ast.SchemaAnnotation{schema}
			group[0].Annotations = append(group[0].Annotations, made)
		} else if !namesInput(annotation) {
			annotation.Schemas = append([]*ast.SchemaAnnotation{schema}, annotation.Schemas...)
		}
	}
}

func packageAnnotation(modules []*ast.Module) *ast.Annotations {
	for _, module := range modules {
		for _, annotation := range module.Annotations {
			if annotation.Scope == "package" {
				return annotation
			}
		}
	}
	return nil
}

func namesInput(annotation *ast.Annotations) bool {
	for _, schema := range annotation.Schemas {
		if schema.Path.Equal(ast.InputRootRef) {
			return true
		}
	}
	return false
}

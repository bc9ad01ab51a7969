// Formatting: OPA's own, file by file.
package main

import (
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
)

type formatted struct {
	Path    string `json:"path"`
	Text    string `json:"text"`
	Changed bool   `json:"changed"`
}

func formatFiles(files []policyFile) (results []formatted, found diagnostics) {
	for _, file := range files {
		text, err := format.SourceWithOpts(file.Path, []byte(file.Text), format.Opts{RegoVersion: ast.RegoV1})
		if err != nil {
			found.addError(err)
			continue
		}
		results = append(results, formatted{file.Path, string(text), string(text) != file.Text})
	}
	return results, found
}

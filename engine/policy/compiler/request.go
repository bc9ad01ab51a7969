// What can be asked, and how each request is answered.
package main

import (
	"encoding/json"
	"fmt"
)

type policyFile struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

type request struct {
	Op     string            `json:"op"`
	Files  []policyFile      `json:"files"`
	Input  json.RawMessage   `json:"input"`
	Inputs []json.RawMessage `json:"inputs"`
	Setup  *setup            `json:"setup"`
	Asked  *queryRequest     `json:"asked"`
}

// setup is sent once to a fresh toolchain: everything that is not the author's.
type setup struct {
	Lib      []policyFile      `json:"lib"`
	Schemas  map[string]any    `json:"schemas"`
	Builtins []string          `json:"builtins"`
	Instead  map[string]string `json:"instead"`
}

type refusal struct {
	Diagnostics []diagnostic `json:"diagnostics"`
}

var current *toolchain

func handle(req *request) (response any, wasm []byte) {
	if req.Op == "setup" {
		made, err := newToolchain(req.Setup)
		if err != nil {
			return failure{Failed: err.Error()}, nil
		}
		current = made
		return struct{}{}, nil
	}
	if req.Op == "format" {
		return answer(formatFiles(req.Files)), nil
	}
	if current == nil {
		return failure{Failed: "setup must come first"}, nil
	}
	switch req.Op {
	case "compile", "compile-explaining":
		built, found := current.compile(req.Files, req.Op == "compile-explaining")
		if found.any() {
			return answer[any](nil, found), nil
		}
		return built, built.wasm
	case "test":
		return answer(current.test(req.Files)), nil
	case "evaluate":
		return answer(current.evaluate(req.Files, req.Input)), nil
	case "compile-query":
		built, found := current.compileQuery(req.Files, req.Asked.Query)
		if found.any() {
			return answer[any](nil, found), nil
		}
		return built, built.wasm
	case "evaluate-query":
		return answer(current.evaluateQuery(req.Files, req.Asked)), nil
	case "evaluate-all":
		return answer(current.evaluateAll(req.Files, req.Inputs)), nil
	}
	return failure{Failed: fmt.Sprintf("unknown op %q", req.Op)}, nil
}

func answer[T any](result T, found diagnostics) any {
	if found.any() {
		return refusal{Diagnostics: found.sorted()}
	}
	return result
}

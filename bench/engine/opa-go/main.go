// OPA's own evaluator as a peer of the bench: reads modules, then batches of input documents, from its standard input as JSON
// values, and answers each batch with verdicts and microseconds.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

type answer struct {
	Verdicts []string  `json:"verdicts"`
	Micros   []float64 `json:"micros"`
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	ctx := context.Background()
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	var modules map[string]string
	if err := decoder.Decode(&modules); err != nil {
		return err
	}
	query, err := prepare(ctx, modules)
	if err != nil {
		return err
	}
	for {
		var inputs []json.RawMessage
		if err := decoder.Decode(&inputs); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		judged, err := judge(ctx, query, inputs)
		if err != nil {
			return err
		}
		if err := encoder.Encode(judged); err != nil {
			return err
		}
	}
}

func prepare(ctx context.Context, modules map[string]string) (rego.PreparedEvalQuery, error) {
	options := []func(*rego.Rego){rego.Query("data.sallyport.decision")}
	for name, text := range modules {
		options = append(options, rego.Module(name, text))
	}
	return rego.New(options...).PrepareForEval(ctx)
}

func judge(ctx context.Context, query rego.PreparedEvalQuery, inputs []json.RawMessage) (answer, error) {
	judged := answer{make([]string, len(inputs)), make([]float64, len(inputs))}
	for i, input := range inputs {
		start := time.Now()
		verdict, err := decide(ctx, query, input)
		judged.Micros[i] = float64(time.Since(start).Nanoseconds()) / 1000
		if err != nil {
			return answer{}, err
		}
		judged.Verdicts[i] = verdict
	}
	return judged, nil
}

// decide parses the input as well: a host has it as text.
func decide(ctx context.Context, query rego.PreparedEvalQuery, input []byte) (string, error) {
	value, err := ast.ValueFromReader(bytes.NewReader(input))
	if err != nil {
		return "", err
	}
	results, err := query.Eval(ctx, rego.EvalParsedInput(value))
	if err != nil {
		return "", err
	}
	if len(results) != 1 {
		return "", errors.New("the decision is undefined")
	}
	decision, _ := results[0].Expressions[0].Value.(map[string]any)
	verdict, ok := decision["verdict"].(string)
	if !ok {
		return "", errors.New("the decision has no verdict")
	}
	return verdict, nil
}

//go:build js && wasm

// The door to JavaScript: one function, one JSON request in, one JSON response (and bytes) out.
package main

import (
	"encoding/json"
	"fmt"
	"syscall/js"
)

func main() {
	js.Global().Set("sallyportCompiler", js.FuncOf(func(_ js.Value, args []js.Value) any {
		request, done := args[0].String(), args[1]
		// Blocking inside the callback would stop the event loop that timers need.
		go func() {
			response, wasm := handleJSON([]byte(request))
			bytes := js.Global().Get("Uint8Array").New(len(wasm))
			js.CopyBytesToJS(bytes, wasm)
			done.Invoke(string(response), bytes)
		}()
		return nil
	}))
	select {}
}

func handleJSON(text []byte) (encoded, wasm []byte) {
	var response any
	func() {
		defer func() {
			if trouble := recover(); trouble != nil {
				response = failure{Failed: fmt.Sprint(trouble)}
			}
		}()
		var req request
		if err := json.Unmarshal(text, &req); err != nil {
			response = failure{Failed: err.Error()}
			return
		}
		response, wasm = handle(&req)
	}()
	encoded, err := json.Marshal(response)
	if err != nil {
		encoded, _ = json.Marshal(failure{Failed: err.Error()})
	}
	return encoded, wasm
}

type failure struct {
	Failed string `json:"failed"`
}

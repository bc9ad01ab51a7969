// The worker thread that unpacks the toolchain, runs it, and answers one request after another.

import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { zstdDecompressSync } from 'node:zlib';

// Go's own glue: defines globalThis.Go.
import './generated/wasm_exec.js';

import { meter } from '../metering/index.ts';
import type { WorkerAnswer } from './protocol.ts';

interface GoRuntime {
  env: Record<string, string>;
  readonly importObject: object;
  run(instance: WebAssembly.Instance): Promise<void>;
}

interface GoGlobals {
  readonly Go: new () => GoRuntime;
  readonly sallyportCompiler: (
    request: string,
    done: (response: string, wasm: Uint8Array<ArrayBuffer>) => void,
  ) => void;
}

const globals = globalThis as unknown as GoGlobals;

async function start(): Promise<void> {
  const packed = readFileSync(new URL('./generated/compiler.wasm.zst', import.meta.url));
  const runtime = new globals.Go();
  // Compilations are short: collecting garbage less often trades memory for time.
  runtime.env = { GOGC: '400' };
  const module = await WebAssembly.compile(zstdDecompressSync(packed));
  const instance = await WebAssembly.instantiate(module, runtime.importObject);
  void runtime.run(instance).then(() => {
    // Go ends only by a fatal error; the thread must not survive it.
    process.exit(1);
  });
}

const started = start();

parentPort?.on('message', (request: string) => {
  void started.then(() => {
    globals.sallyportCompiler(request, (response, wasm) => {
      const answer: WorkerAnswer = { response, wasm: wasm.length === 0 ? wasm : meter(wasm) };
      parentPort?.postMessage(answer, [answer.wasm.buffer]);
    });
  });
});

// What the toolchain is asked and what it answers, as JSON; the Go side mirrors these shapes.

import type { JsonObject } from '../../model/index.ts';

/** One file of a bundle: a `.rego` module, or a `data.json` / `data.yaml` document. */
export interface PolicyFile {
  /** Relative to the bundle's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** One mistake in a bundle. `line` and `column` start at 1; 0 where there is no place. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly hint?: string;
}

export interface TestResult {
  readonly package: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly outcome: 'pass' | 'fail' | 'error' | 'skip';
  /** For a failure: where, and which expression was not true. */
  readonly output?: string;
}

export interface FileCoverage {
  readonly file: string;
  readonly percent: number;
  /** First and last line of each stretch that no test reached. */
  readonly notCovered: readonly (readonly [number, number])[];
}

export interface TestReport {
  readonly results: readonly TestResult[];
  readonly coverage: { readonly percent: number; readonly files: readonly FileCoverage[] };
}

export interface FormattedFile {
  readonly path: string;
  readonly text: string;
  readonly changed: boolean;
}

/** What to ask for one kind and command, and what to send. */
export interface Route {
  readonly entrypoint: string;
  /** Paths into the input document that the entrypoint can read; an empty one is all of it. */
  readonly reads: readonly (readonly string[])[];
}

/** By kind and command; '' is every other one. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Route>>>>;

/** A contribution of the author's that was made. */
export interface FiredRule {
  readonly package: string;
  readonly rule: string;
  readonly file: string;
  readonly line: number;
}

export interface Explanation {
  /** The decision object as the resolver gives it; absent where it is undefined. */
  readonly result?: JsonObject;
  readonly fired: readonly FiredRule[];
}

export interface Setup {
  readonly lib: readonly PolicyFile[];
  /** JSON Schemas of `input`, by kind. */
  readonly schemas: Readonly<Record<string, object>>;
  readonly builtins: readonly string[];
  readonly instead: Readonly<Record<string, string>>;
}

export type ToolchainRequest =
  | { readonly op: 'setup'; readonly setup: Setup }
  | {
      readonly op: 'compile' | 'compile-explaining' | 'test' | 'format';
      readonly files: readonly PolicyFile[];
    }
  | { readonly op: 'evaluate'; readonly files: readonly PolicyFile[]; readonly input: JsonObject };

export interface WorkerAnswer {
  readonly response: string;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

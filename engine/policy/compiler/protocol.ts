// What the toolchain is asked and what it answers, as JSON; the Go side mirrors these shapes.

import type { Json, JsonObject } from '../../model/index.ts';

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

type Paths = readonly (readonly string[])[];

/** What to ask about the statements of one kind, and what to send. Paths lead into the input; an empty one is all of it. */
export interface RouteSpec {
  /** Takes the rules to try as `fixed` and `computed` beside the input, and answers `[nonce, contributions]`. */
  readonly entrypoint: string;
  /** Rules that are tried at every evaluation, and what these can read. */
  readonly direct: number;
  readonly always: Paths;
  /** What the rules can read that can fire for a command; '' is every command that is not there. */
  readonly reads: Readonly<Record<string, Paths>>;
  readonly index: IndexSpec;
}

/** By kind; '' is every other one. */
export type Routes = Readonly<Record<string, RouteSpec>>;

export interface IndexSpec {
  readonly sources: readonly SourceSpec[];
  readonly rules: readonly IndexedRule[];
}

/** What stands at a path of the input, each of its elements, or a field of each. */
export interface SourceSpec {
  readonly path: readonly string[];
  /** Stands where the path leads to nothing. */
  readonly default?: Json;
  readonly each?: boolean;
  readonly field?: readonly string[];
  /** Not the whole text counts, but so many UTF-16 units of it. */
  readonly prefix?: number;
}

export interface IndexedRule {
  readonly try: readonly [group: string, name: string];
  /** Its entry is computed, rather than written out. */
  readonly computed?: boolean;
  /** It cannot fire unless each source has one of the values; it is to be found by the first. */
  readonly conditions: readonly { readonly source: number; readonly values: readonly Json[] }[];
  readonly reads: Paths;
}

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

/** What OPA's own evaluator answers: a decision object, nothing where it is undefined, or the error it stopped with. */
export interface Evaluation {
  readonly result?: JsonObject;
  readonly error?: string;
  /** With an error: what it answers when its rule index passes over the rules that cannot fire, one that conflicts among them. */
  readonly indexed?: JsonObject;
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
  | { readonly op: 'evaluate'; readonly files: readonly PolicyFile[]; readonly input: JsonObject }
  | {
      readonly op: 'evaluate-all';
      readonly files: readonly PolicyFile[];
      readonly inputs: readonly JsonObject[];
    }
  | {
      readonly op: 'compile-query' | 'evaluate-query';
      readonly files: readonly PolicyFile[];
      /** `input` is a term, '' where there is none; compiling ignores it. */
      readonly asked: { readonly query: string; readonly input: string };
    };

export interface WorkerAnswer {
  readonly response: string;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

// The Rego toolchain: compile, test, format and explain policies without any program but Node.

export { Compiler } from './compiler.ts';
export type {
  CompiledPolicy,
  CompileResult,
  CompilerOptions,
  EvaluateResult,
  ExplainResult,
  FormatResult,
  TestRun,
} from './compiler.ts';
export type {
  Diagnostic,
  Evaluation,
  Explanation,
  FileCoverage,
  FiredRule,
  FormattedFile,
  IndexedRule,
  IndexSpec,
  PolicyFile,
  Routes,
  RouteSpec,
  SourceSpec,
  TestReport,
  TestResult,
} from './protocol.ts';

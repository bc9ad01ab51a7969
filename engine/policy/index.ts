// Policies: compile, load, judge, follow changes.

export { mergeBudgets } from './budget.ts';
export { readBundle } from './bundle.ts';
export { Compiler } from './compiler/index.ts';
export type { Diagnostic, PolicyFile } from './compiler/index.ts';
export { inputDocument } from './input.ts';
export { PolicyEngine } from './policy-engine.ts';
export type { LoadOutcome } from './policy-engine.ts';
export { PolicyWatcher } from './watch.ts';

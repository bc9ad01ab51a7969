// From analysed SQL to what the engine judges: one statement for each command in it.

import type { Statement } from '#engine';

import type { AnalysedStatement } from './sql/index.ts';

/** The statement's own command first, then what is nested in it; each must be allowed. */
export function statementsOf(analysed: AnalysedStatement): readonly Statement[] {
  const { text } = analysed;
  return analysed.judged.map((facts) => ({ kind: 'postgres', facts, text, isBounded: true }));
}

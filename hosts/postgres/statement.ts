// From analysed SQL to what the engine judges: one statement for each command in it.

import type { Statement } from '#engine';

import type { AnalysedStatement, SoFarFacts } from './sql/index.ts';

/**
 * The statement's own command first, then what is nested in it; each must be allowed.
 *
 * @param soFar Where rules read it; then no facts are those of another execution.
 */
export function statementsOf(
  analysed: AnalysedStatement,
  soFar?: SoFarFacts,
): readonly Statement[] {
  const { text, judged } = analysed;
  return judged.map((facts) => ({
    kind: 'postgres',
    facts: soFar === undefined ? facts : Object.freeze({ ...facts, ...soFar }),
    text,
    isBounded: true,
  }));
}

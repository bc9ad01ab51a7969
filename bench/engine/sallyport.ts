// Sallyport as hosts call it: `PolicyEngine.decide` for a statement of a session.

import type { Compiler, DecisionId } from '#engine';
import { PolicyEngine, decisionId, defaultLimits } from '#engine';
import { regoFiles } from './rego.ts';
import type { Rule } from './rules.ts';
import type { Subject } from './subject.ts';
import { inProcess } from './subject.ts';

export async function loadSallyport(compiler: Compiler, rules: readonly Rule[]): Promise<Subject> {
  let clock = 0;
  let count = 0;
  const nextDecisionId = (): DecisionId => decisionId(`d-bench-${(count += 1).toString(36)}`);
  const now = () => clock;
  const engine = new PolicyEngine({ compiler, limits: defaultLimits, now, nextDecisionId });
  const outcome = await engine.load(regoFiles(rules));
  if (outcome.kind !== 'loaded') throw new Error(JSON.stringify(outcome));
  return inProcess(`rules${rules.length}`, {
    prepare: (question) => question,
    decide: ({ statement, session, at }) => {
      clock = at;
      const { verdict, reasons } = engine.decide(statement, session);
      if (reasons[0]?.code === 'policy-error') throw new Error(reasons[0].message);
      return verdict;
    },
  });
}

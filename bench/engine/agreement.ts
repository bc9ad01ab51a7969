// The proof that engines are compared on one and the same task: equal verdicts for random questions.

import { inputDocument } from '#engine';
import type { Question } from './questions.ts';
import { makeCallers, makeQuestions } from './questions.ts';
import type { Subject, Verdict } from './subject.ts';

/** Questions asked at once; each batch has callers of its own. */
const batchSize = 500;

export type Tally = Readonly<Record<Verdict, number>>;

export interface AgreementOptions {
  readonly count: number;
  readonly areas: number;
}

/**
 * How often each verdict was given.
 *
 * @throws Error that holds the input and every subject's verdict, on the first difference; or when some verdict never came.
 */
export async function proveAgreement(
  subjects: readonly Subject[],
  { count, areas }: AgreementOptions,
): Promise<Tally> {
  const tally = { allow: 0, deny: 0, hold: 0 };
  for (let seed = 1; seed * batchSize <= count; seed += 1) {
    const callers = makeCallers(seed, areas);
    const questions = makeQuestions({ seed, count: batchSize, callers });
    const answered: [string, readonly Verdict[]][] = [];
    for (const { name, ask } of subjects) {
      answered.push([name, (await ask(questions)).verdicts]);
    }
    questions.forEach((question, index) => {
      const verdicts = answered.map(([name, given]) => [name, given[index]] as const);
      tally[agreedVerdict(question, verdicts)] += 1;
    });
  }
  const missing = Object.entries(tally).filter(([, times]) => times === 0);
  if (missing.length > 0) throw new Error(`no question was answered by ${missing.join()}`);
  return tally;
}

function agreedVerdict(
  { statement, session, at }: Question,
  verdicts: readonly (readonly [string, Verdict | undefined])[],
): Verdict {
  const [first] = new Set(verdicts.map(([, verdict]) => verdict));
  if (first !== undefined && verdicts.every(([, verdict]) => verdict === first)) return first;
  const input = JSON.stringify(inputDocument(statement, session, at));
  const answers = JSON.stringify(Object.fromEntries(verdicts));
  throw new Error(`engines differ: ${answers}\ninput: ${input}`);
}

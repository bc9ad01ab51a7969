// What is measured: an engine with rules loaded, and how one in this process is put to the clock.

import type { Decision } from '#engine';
import type { Question } from './questions.ts';

export type Verdict = Decision['verdict'];

/** One item a question, in their order. */
export interface Answers {
  readonly verdicts: readonly Verdict[];
  readonly micros: Float64Array;
}

export interface Subject {
  /** As in the names of metrics: `rules1000`, `cedar_wasm`. */
  readonly name: string;
  readonly ask: (questions: readonly Question[]) => Promise<Answers>;
}

export interface Evaluator<Request> {
  /** Whatever a host would hold already when a statement comes; not on the clock. */
  readonly prepare: (question: Question) => Request;
  /** @throws Error when the engine failed: that is no verdict. */
  readonly decide: (request: Request) => Verdict;
}

export function inProcess<Request>(name: string, evaluator: Evaluator<Request>): Subject {
  const { prepare, decide } = evaluator;
  const ask = (questions: readonly Question[]): Promise<Answers> => {
    const requests = questions.map(prepare);
    const micros = new Float64Array(requests.length);
    const verdicts = requests.map((request, index) => {
      const start = performance.now();
      const verdict = decide(request);
      micros[index] = (performance.now() - start) * 1000;
      return verdict;
    });
    return Promise.resolve({ verdicts, micros });
  };
  return { name, ask };
}

// What a session has done up to now, as far as policies may read it: `transaction` and `so_far` of a statement's facts.

import type { AnalysedStatement, SoFarFacts } from '../sql/index.ts';
import type { TransactionStatus } from '../wire/index.ts';

/** Names of relations that are kept; a statement behind more of them has facts that are cut short. */
const relationsMax = 500;

const words = { idle: 'idle', transaction: 'open', failed: 'failed' } as const;

export class SoFar {
  /** Rows and lines of COPY that the target has sent. */
  rows = 0;
  /** Statements that were refused. */
  refused = 0;
  /** Statements that failed at the target. */
  failed = 0;
  /** As the target reported it last. */
  transaction: TransactionStatus = 'idle';
  readonly #relations = new Set<string>();

  /** The statement is forwarded. */
  touch({ reads, writes }: Pick<AnalysedStatement, 'reads' | 'writes'>): void {
    for (const names of [reads, writes]) {
      for (const name of names) if (this.#relations.size <= relationsMax) this.#relations.add(name);
    }
  }

  /** In place of the facts of a session that has just begun. */
  get facts(): SoFarFacts & { readonly truncated?: true } {
    const { rows, refused, failed } = this;
    const relations = [...this.#relations].sort();
    return {
      transaction: words[this.transaction],
      so_far: { rows, refused, failed, relations },
      ...(relations.length > relationsMax ? { truncated: true } : {}),
    };
  }
}

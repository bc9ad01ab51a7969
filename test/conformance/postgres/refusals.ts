// Differences that are meant: what the gateway refuses by design, and which cases of the programs run into it.

import type { Difference } from './answers.ts';

export interface Refusal {
  /** Of the cases. */
  readonly cases: RegExp;
  /** In what the client said of it; another difference in the same case is a fault. */
  readonly said: RegExp;
  readonly what: string;
  readonly why: string;
}

export const refusals: readonly Refusal[] = [
  {
    cases: /large object/,
    said: /FunctionCall messages are not supported/,
    what: 'large objects by the functions of libpq and pgjdbc (`lo_import`, `lobject`, `LargeObjectManager`)',
    why: 'they call functions by number, without SQL that a rule could read: call `lo_get`, `lo_put` or `lo_from_bytea` in a statement',
  },
];

export const refusalOf = (each: Difference): Refusal | undefined =>
  refusals.find(
    ({ cases, said }) => cases.test(each.case) && said.test(JSON.stringify(each.through ?? '')),
  );

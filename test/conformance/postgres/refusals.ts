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

/** What PostgreSQL's own tests run into besides. */
export const suiteRefusals: readonly (readonly [what: string, why: string])[] = [
  [
    '`SET ROLE`, `SET SESSION AUTHORIZATION`, `RESET ROLE`',
    'who a caller is was decided at the login; name a target whose credential has the role',
  ],
  [
    '`COPY` with files or programs of the server',
    'no rule could bound them; `COPY … FROM STDIN`, or `\\copy`',
  ],
  [
    '`SET standard_conforming_strings TO off`',
    'the server would read other statements than the gateway',
  ],
  [
    'syntax errors: the place and the message are those of the grammar of PostgreSQL 18, SQLSTATE is always 42601, and there is no `HINT`',
    'what no grammar reads is never sent to the server, so its own words are not known',
  ],
];

export const refusalOf = (each: Difference): Refusal | undefined =>
  refusals.find(
    ({ cases, said }) => cases.test(each.case) && said.test(JSON.stringify(each.through ?? '')),
  );

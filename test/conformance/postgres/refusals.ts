// What the gateway refuses by design, as far as PostgreSQL's own tests run into it.

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

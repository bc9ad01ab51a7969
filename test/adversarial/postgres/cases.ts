// Every attack on the PostgreSQL host.

import type { Attack } from './attack.ts';
import { callAttacks } from './call-cases.ts';
import { catalogAttacks } from './catalog-cases.ts';
import { holdAttacks } from './hold-cases.ts';
import { limitAttacks } from './limit-cases.ts';
import { loginAttacks } from './login-cases.ts';
import { nameAttacks } from './name-cases.ts';
import { protocolAttacks } from './protocol-cases.ts';
import { readAttacks, readOracles } from './sql-cases.ts';

export const attacks: readonly Attack[] = [
  ...readAttacks('masked-reads.sql'),
  ...readAttacks('masked-lineage.sql'),
  ...readOracles('oracles.sql'),
  ...protocolAttacks,
  ...callAttacks,
  ...nameAttacks,
  ...catalogAttacks,
  ...loginAttacks,
  ...limitAttacks,
  ...holdAttacks,
];

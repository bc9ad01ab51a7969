// All attacks on the whole gateway.

import type { GatewayAttack } from './arena.ts';
import { commandCases } from './command-cases.ts';
import { identityCases } from './identity-cases.ts';
import { requestCases, variableCases } from './request-cases.ts';

export const gatewayCases: readonly GatewayAttack[] = [
  ...identityCases,
  ...commandCases,
  ...variableCases,
  ...requestCases,
];

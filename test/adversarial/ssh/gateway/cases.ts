// All attacks on the whole gateway.

import type { GatewayAttack } from './arena.ts';
import { commandCases } from './command-cases.ts';

export const gatewayCases: readonly GatewayAttack[] = [...commandCases];

// All attacks on the whole gateway.

import type { GatewayAttack } from './arena.ts';
import { commandCases } from './command-cases.ts';
import { fileCases } from './file-cases.ts';
import { forwardCases } from './forward-cases.ts';
import { identityCases } from './identity-cases.ts';
import { lifeCases } from './life-cases.ts';
import { recordingCases } from './recording-cases.ts';
import { requestCases, variableCases } from './request-cases.ts';
import { targetCases } from './target-cases.ts';

export const gatewayCases: readonly GatewayAttack[] = [
  ...identityCases,
  ...commandCases,
  ...variableCases,
  ...requestCases,
  ...fileCases,
  ...forwardCases,
  ...targetCases,
  ...lifeCases,
  ...recordingCases,
];

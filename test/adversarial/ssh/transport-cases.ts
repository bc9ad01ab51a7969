// All attacks on the transport, the login and the channels, before any policy is asked.

import type { SshAttack } from './attack.ts';
import { channelCases } from './channel-cases.ts';
import { floodCases } from './flood-cases.ts';
import { identificationCases } from './identification-cases.ts';
import { loginCases } from './login-cases.ts';

export const transportCases: readonly SshAttack[] = [
  ...identificationCases,
  ...loginCases,
  ...channelCases,
  ...floodCases,
];

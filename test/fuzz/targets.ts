// Every fuzz target; test/hosts/*/wire/fuzzed.test.ts asserts that no decoder is missing.

import type { Target } from './target.ts';
import { bodyTargets } from './targets/http-bodies.ts';
import { headTargets } from './targets/http-heads.ts';
import { maskingTargets } from './targets/http-masking.ts';
import { websocketTargets } from './targets/http-websocket.ts';
import { meterTarget } from './targets/policy-meter.ts';
import { codecTargets } from './targets/postgres-codecs.ts';
import { copyTargets } from './targets/postgres-copy.ts';
import { streamTargets } from './targets/postgres-streams.ts';
import { sshLoginTargets } from './targets/ssh-login.ts';
import { outputTargets } from './targets/ssh-output.ts';
import { fileTargets } from './targets/ssh-files.ts';
import { sshGuardTargets } from './targets/ssh-guard.ts';
import { interactiveTargets } from './targets/ssh-interactive.ts';
import { commandTargets } from './targets/ssh-commands.ts';

export const targets: readonly Target[] = [
  ...codecTargets,
  ...copyTargets,
  ...streamTargets,
  ...headTargets,
  ...bodyTargets,
  ...maskingTargets,
  ...websocketTargets,
  ...sshLoginTargets,
  ...outputTargets,
  ...fileTargets,
  ...sshGuardTargets,
  ...interactiveTargets,
  meterTarget,
  ...commandTargets,
];

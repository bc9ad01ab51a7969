// What all connections of the host share.

import type { Engine, Limits, OperatorLog } from '#engine';

import type { DeviceLogin } from './login/index.ts';
import type { Targets } from './upstream/index.ts';

export interface SshServices {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly targets: Targets;
  /** Where people log in by a code; none unless it is configured. */
  readonly device: DeviceLogin | undefined;
  readonly log: OperatorLog;
}

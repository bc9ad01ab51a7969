// What all connections of the host share.

import type { Engine, Limits, OperatorLog } from '#engine';

import type { Targets } from './upstream/index.ts';

export interface SshServices {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly targets: Targets;
  readonly log: OperatorLog;
}

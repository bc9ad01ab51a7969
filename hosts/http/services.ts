// What all connections of the host share.

import type { Engine, Limits, OperatorLog } from '#engine';

import type { HeldRequests } from './session/held-requests.ts';
import type { Targets } from './targets.ts';
import type { AssertionSigner } from './upstream/assertion.ts';

export interface HttpServices {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly targets: Targets;
  readonly held: HeldRequests;
  readonly assertions: AssertionSigner;
  /** Whether a rule in force reads the bodies of requests. */
  readonly readsBodies: () => boolean;
  readonly log: OperatorLog;
}

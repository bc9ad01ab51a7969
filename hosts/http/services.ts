// What all connections of the host share.

import type { Engine, Limits, OperatorLog } from '#engine';

import type { BrowserLogin } from './login/index.ts';
import type { HeldRequests } from './session/held-requests.ts';
import type { Sweep } from './streams/index.ts';
import type { Targets } from './targets.ts';
import type { AssertionSigner } from './upstream/assertion.ts';

export interface HttpServices {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly targets: Targets;
  readonly held: HeldRequests;
  readonly assertions: AssertionSigner;
  /** Where browsers log in; none unless it is configured. */
  readonly login: BrowserLogin | undefined;
  /** Of all open streams. */
  readonly sweep: Sweep;
  /** Whether a rule in force reads the bodies of requests. */
  readonly readsBodies: () => boolean;
  /** Whether one reads what messages say, beside that there are some. */
  readonly readsMessages: () => boolean;
  readonly log: OperatorLog;
}

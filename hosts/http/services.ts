// What all connections of the host share.

import type { Engine, Limits, OperatorLog } from '#engine';

import type { BrowserLogin } from './login/index.ts';
import type { HeldRequests } from './session/held-requests.ts';
import type { Sweep } from './streams/index.ts';
import type { Targets } from './targets.ts';
import type { AssertionSigner } from './upstream/assertion.ts';

/** What must be found out before a policy can be asked. */
export interface Reads {
  /** Bodies of requests as such. */
  readonly bodies: boolean;
  /** What messages say, beside that there are some. */
  readonly messages: boolean;
  /** Members of documents that rules name: in another spelling of case they would be read by some servers and no rule. */
  readonly keys: ReadonlySet<string>;
}

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
  /** What the rules in force read of bodies and messages. */
  readonly reads: () => Reads;
  readonly log: OperatorLog;
}

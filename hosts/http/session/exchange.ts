// What is known of a request that a session has taken, and of one that is permitted.

import type { Decision, MaskingRule } from '#engine';

import type { HttpConnection } from '../connection.ts';
import type { Downstream } from '../downstream.ts';
import type { HttpServices } from '../services.ts';
import type { Target } from '../targets.ts';
import type { CanonicalRequest } from '../wire/index.ts';
import type { HttpSession } from './http-session.ts';
import type { Patience } from './patience.ts';

/** Everything that is known of a request that a session has taken. */
export interface Exchange {
  readonly services: HttpServices;
  readonly connection: HttpConnection;
  readonly downstream: Downstream;
  readonly target: Target;
  readonly session: HttpSession;
  readonly request: CanonicalRequest;
  /** In the recording. */
  readonly number: number;
  readonly startedAt: number;
  /** What the deadlines watch. */
  readonly patience: Patience;
}

/** What was decided, and that it is recorded. */
export interface Permitted {
  readonly masks: readonly MaskingRule[];
  /** The body, where it was read whole before the verdict. */
  readonly body: Buffer | undefined;
  readonly decisions: readonly Decision[];
  /** As `Read` has it. */
  readonly renamed: readonly string[];
}

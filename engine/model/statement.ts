// The unit that policy judges. The engine knows its kind and its facts, never its protocol.

import type { JsonObject } from './json.ts';

export interface Statement {
  /** Names the rule family `data.rules.<kind>` and the schema `schemas/<kind>.json`. */
  readonly kind: string;
  /**
   * Read by policies as `input.statement`; must satisfy the schema of its kind. Frozen when they stand for more than one
   * execution: rulings on facts that cannot change are remembered.
   */
  readonly facts: JsonObject;
  /** What was said, for the recording and for an approver; never sent to the policy. */
  readonly text: string;
  /** The host keeps the budget of its permission. For a statement of any other host an allow with a budget is a deny. */
  readonly isBounded?: true;
}

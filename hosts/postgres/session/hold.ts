// A statement that waits for a human: asked at the desk, told to the client, judged again when the yes comes.

import type { OpenHold } from '#engine';
import { holdOutcomeEntry } from '#engine';

import type { Refusal } from '../refusal.ts';
import { encodeApproved, encodeHeld, refusalOfHold } from '../refusal.ts';
import type { HoldDemand } from './judgement.ts';
import type { SessionState } from './state.ts';

export type HoldResult =
  | { readonly kind: 'approved'; readonly approval: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export class HoldDoor {
  readonly #state: SessionState;
  /** Sends what is gathered for the client now: it must read of the hold while it waits. */
  readonly #flush: () => void;
  #open: OpenHold | undefined;

  constructor(state: SessionState, flush: () => void) {
    this.#state = state;
    this.#flush = flush;
  }

  get isHolding(): boolean {
    return this.#open !== undefined;
  }

  /** The client withdrew the statement. */
  cancel(): void {
    this.#open?.cancel();
  }

  /** The session ends: its recording is closed before the withdrawn hold can settle. */
  abandon(): void {
    const hold = this.#open;
    if (hold === undefined) return;
    this.#open = undefined;
    hold.cancel();
    this.#state.recorder.note({
      type: 'hold-outcome',
      approval: hold.id,
      ...holdOutcomeEntry({ kind: 'cancelled' }),
    });
  }

  async wait(demand: HoldDemand, text: string): Promise<HoldResult> {
    const { engine, session, recorder } = this.#state;
    const { requirements } = demand;
    const hold = engine.desk.open({
      requester: session.principal,
      session: session.id,
      target: session.target.name,
      statement: text,
      requirements,
      ttlSeconds: Math.min(demand.ttlSeconds, engine.limits.holdSecondsMax),
    });
    this.#open = hold;
    try {
      recorder.write({
        type: 'hold',
        approval: hold.id,
        text,
        requirements: requirements.map((each) => ({ ...each })),
      });
    } catch (error) {
      hold.cancel();
      this.#open = undefined;
      throw error;
    }
    const groups = [...new Set(requirements.flatMap((each) => each.groups))].join(' or ');
    const messages = [...new Set(requirements.map((each) => each.message))];
    this.#state.tellClient(encodeHeld(hold, messages, `a member of ${groups}`));
    this.#flush();
    const outcome = await hold.outcome;
    if (this.#open !== hold) {
      return { kind: 'refused', refusal: refusalOfHold({ kind: 'cancelled' }, hold) };
    }
    this.#open = undefined;
    recorder.write({ type: 'hold-outcome', approval: hold.id, ...holdOutcomeEntry(outcome) });
    if (outcome.kind !== 'approved') {
      return { kind: 'refused', refusal: refusalOfHold(outcome, hold) };
    }
    const approvers = outcome.answers.map((answer) => answer.approver);
    this.#state.tellClient(encodeApproved(hold, approvers));
    return { kind: 'approved', approval: hold.id };
  }
}

// The holds that are open now: statements wait here for their answers. In memory: a hold dies with
// its connection, and what was asked and answered stays in the session's recording.

import type { ApprovalId, Principal } from '../model/index.ts';
import type { AnswerRefusal, HeldStatement, HoldOutcome, HoldRequest } from './hold.ts';
import { outcomeOf, refuseAnswer } from './hold.ts';

export interface OpenHold {
  readonly id: ApprovalId;
  readonly expiresAt: number;
  /** Settles exactly once and never rejects. */
  readonly outcome: Promise<HoldOutcome>;
  /** The requester went away or withdrew the statement. */
  readonly cancel: () => void;
}

export type AnswerResult =
  | { readonly kind: 'taken'; readonly settled: boolean }
  | { readonly kind: 'refused'; readonly why: AnswerRefusal | 'unknown-hold' };

interface Entry {
  held: HeldStatement;
  readonly settle: (outcome: HoldOutcome) => void;
}

export class ApprovalDesk {
  readonly #entries = new Map<ApprovalId, Entry>();
  readonly #now: () => number;
  readonly #nextId: () => ApprovalId;

  constructor(options: { readonly now: () => number; readonly nextId: () => ApprovalId }) {
    this.#now = options.now;
    this.#nextId = options.nextId;
  }

  open(request: HoldRequest): OpenHold {
    const id = this.#nextId();
    const openedAt = this.#now();
    const expiresAt = openedAt + request.ttlSeconds * 1000;
    const { promise, resolve } = Promise.withResolvers<HoldOutcome>();
    const timer = setTimeout(() => {
      settle({ kind: 'timeout' });
    }, request.ttlSeconds * 1000);
    const settle = (outcome: HoldOutcome) => {
      clearTimeout(timer);
      this.#entries.delete(id);
      resolve(outcome);
    };
    this.#entries.set(id, {
      held: { ...request, id, openedAt, expiresAt, answers: [] },
      settle,
    });
    const cancel = () => {
      settle({ kind: 'cancelled' });
    };
    return { id, expiresAt, outcome: promise, cancel };
  }

  /** Oldest first. */
  list(): readonly HeldStatement[] {
    return Array.from(this.#entries.values(), (entry) => entry.held);
  }

  answer(
    id: ApprovalId,
    approver: Principal,
    answer: { readonly approve: boolean; readonly note: string },
  ): AnswerResult {
    const entry = this.#entries.get(id);
    if (entry === undefined) return { kind: 'refused', why: 'unknown-hold' };
    const why = refuseAnswer(entry.held, approver);
    if (why !== undefined) return { kind: 'refused', why };
    const taken = {
      approver: approver.id,
      groups: approver.groups,
      approve: answer.approve,
      note: answer.note,
      at: this.#now(),
    };
    entry.held = { ...entry.held, answers: [...entry.held.answers, taken] };
    const outcome = outcomeOf(entry.held);
    if (outcome !== undefined) entry.settle(outcome);
    return { kind: 'taken', settled: outcome !== undefined };
  }
}

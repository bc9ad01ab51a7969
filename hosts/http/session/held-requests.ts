// Requests that wait for a human. A connection waits for a short while; the hold waits on, and the identical request,
// sent again, is released once.

import { createHash } from 'node:crypto';

import type { ApprovalDesk } from '#engine/approval';
import type { Decision, Hold, HoldOutcome, OpenHold, Session } from '#engine';

import type { CanonicalRequest } from '../wire/index.ts';

/** Of holds that are over and were not asked for again. */
const keptMsMax = 3_600_000;

interface Held {
  readonly hold: OpenHold;
  readonly requirements: string;
  outcome: HoldOutcome | undefined;
  readonly settled: Promise<HoldOutcome>;
}

export type HoldResult =
  | {
      readonly kind: 'released';
      readonly hold: OpenHold;
      readonly outcome: HoldOutcome & { readonly kind: 'approved' };
    }
  | {
      readonly kind: 'refused';
      readonly hold: OpenHold;
      readonly outcome:
        | Exclude<HoldOutcome, { readonly kind: 'approved' }>
        | { readonly kind: 'waiting' }
        | { readonly kind: 'used' };
    };

export interface HoldDemand {
  readonly session: Session;
  readonly request: CanonicalRequest;
  readonly body: Buffer;
  /** What the approver reads. */
  readonly text: string;
  readonly decisions: readonly Decision[];
}

export interface HeldRequestsOptions {
  readonly desk: ApprovalDesk;
  /** Longest that a hold waits. */
  readonly holdSecondsMax: number;
  /** Longest that a connection waits. */
  readonly heldRequestSecondsMax: number;
}

/** Differ between tries of the same request and change nothing that it does. */
const volatile = new Set(['date', 'traceparent', 'tracestate', 'x-request-id']);

export class HeldRequests {
  readonly #options: HeldRequestsOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: HeldRequestsOptions) {
    this.#options = options;
  }

  /**
   * Waits until the request is released or refused, a connection's patience is over, or `gone` aborts.
   *
   * @param opened Is told of a hold that is new, before anybody waits; what it throws withdraws the hold.
   */
  async wait(
    demand: HoldDemand,
    gone: AbortSignal,
    opened: (hold: OpenHold) => void,
  ): Promise<HoldResult> {
    const key = digestOf(demand);
    const holds = demand.decisions.filter((decision) => decision.verdict === 'hold');
    const held = this.#find(key, holds) ?? this.#open(key, demand, holds, opened);
    const outcome = held.outcome ?? (await this.#patiently(held, gone));
    // Who has left takes no yes from a retry.
    if (outcome === undefined || gone.aborted) return refused(held, { kind: 'waiting' });
    // Released once: of several connections that wait for the same hold the first one takes it.
    const isMine = this.#held.get(key) === held;
    if (isMine) this.#held.delete(key);
    if (outcome.kind !== 'approved') return refused(held, outcome);
    if (isMine) return { kind: 'released', hold: held.hold, outcome };
    return refused(held, { kind: 'used' });
  }

  /** Withdraws every hold: its retry could not be released by another process. */
  close(): void {
    for (const { hold } of this.#held.values()) hold.cancel();
    this.#held.clear();
  }

  /** A hold for exactly this request under exactly these demands. */
  #find(key: string, holds: readonly Hold[]): Held | undefined {
    const held = this.#held.get(key);
    if (held === undefined || held.requirements === requirementsOf(holds)) return held;
    held.hold.cancel();
    this.#held.delete(key);
    return undefined;
  }

  #open(
    key: string,
    { session, text }: HoldDemand,
    holds: readonly Hold[],
    opened: (hold: OpenHold) => void,
  ): Held {
    const { desk, holdSecondsMax } = this.#options;
    const hold = desk.open({
      requester: session.principal,
      session: session.id,
      target: session.target.name,
      statement: text,
      requirements: holds.flatMap(({ requirements }) => requirements),
      ttlSeconds: Math.min(holdSecondsMax, ...holds.map(({ ttlSeconds }) => ttlSeconds)),
    });
    try {
      opened(hold);
    } catch (error) {
      hold.cancel();
      throw error;
    }
    const held: Held = {
      hold,
      requirements: requirementsOf(holds),
      outcome: undefined,
      settled: hold.outcome,
    };
    this.#held.set(key, held);
    void hold.outcome.then((outcome) => {
      this.#settle(key, held, outcome);
    });
    return held;
  }

  /** An answer is kept for the retry: a yes for as long as the hold would have waited, at most. */
  #settle(key: string, held: Held, outcome: HoldOutcome): void {
    held.outcome = outcome;
    const left = Math.max(0, Math.min(held.hold.expiresAt - Date.now(), keptMsMax));
    setTimeout(() => {
      if (this.#held.get(key) === held) this.#held.delete(key);
    }, left).unref();
  }

  async #patiently(held: Held, gone: AbortSignal): Promise<HoldOutcome | undefined> {
    const over = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      over.resolve(undefined);
    }, this.#options.heldRequestSecondsMax * 1000);
    const leave = (): void => {
      over.resolve(undefined);
    };
    gone.addEventListener('abort', leave);
    if (gone.aborted) leave();
    try {
      return await Promise.race([held.settled, over.promise]);
    } finally {
      clearTimeout(timer);
      gone.removeEventListener('abort', leave);
    }
  }
}

const refused = (
  { hold }: Held,
  outcome: (HoldResult & { readonly kind: 'refused' })['outcome'],
): HoldResult => ({ kind: 'refused', hold, outcome });

const requirementsOf = (holds: readonly Hold[]): string =>
  JSON.stringify(holds.flatMap(({ requirements }) => requirements));

/** What makes two requests the same: who asks whom for what, to the byte. */
function digestOf({ session, request, body }: HoldDemand): string {
  const { method, authority, path, query, fields } = request;
  const lines = fields.filter(([name]) => !volatile.has(name) && name !== 'authorization');
  const head = [session.principal.id, session.target.name, method, authority, path, query, lines];
  return createHash('sha256').update(JSON.stringify(head)).update('\n').update(body).digest('hex');
}

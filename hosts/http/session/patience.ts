// How long a request may take, watched once a second: callers that send, or take, next to nothing are cut, so that they
// hold nothing that others need.

import type { Limits } from '#engine';

import type { Downstream } from '../downstream.ts';
import type { Refusal } from '../refusal.ts';
import { refuse, unauthenticated } from '../refusal.ts';
import type { CanonicalRequest } from '../wire/index.ts';
import type { Ahead, Progress } from './request-body.ts';
import { readAhead } from './request-body.ts';

const windowMs = 10_000;
/** While others wait, a caller that keeps a connection to the target from them has to move on faster. */
const crowdedWindowMs = 2_500;
const crowdedBytesPerSecondMin = 8 * 1024;

const tooSlow: Refusal = {
  status: 408,
  code: 'request-too-slow',
  message: 'the request did not come in time',
  fields: [['connection', 'close']],
};

const revoked = unauthenticated('the token or login was revoked, or has expired');
const sessionOver: Refusal = {
  ...revoked,
  hint: 'the request was not forwarded',
  // What is left of its body is not waited for.
  fields: [...(revoked.fields ?? []), ['connection', 'close']],
};

type PatienceLimits = Pick<Limits, 'bodyBytesPerSecondMin' | 'stallSecondsMax'>;

/** Connections to a target, of which there are so many and no more. */
export interface SharedConnections {
  /** Requests wait for one. */
  readonly isCrowded: boolean;
}

export class Patience {
  readonly progress: Progress = { receiving: false, received: 0, answered: 0 };
  readonly #downstream: Downstream;
  #gone: AbortController | undefined;
  #continued = false;
  #window = { since: performance.now(), received: 0 };
  #shared: SharedConnections | undefined;
  #pace: { readonly since: number; readonly moved: number } | undefined;
  #stall: { readonly since: number; readonly left: number } | undefined;

  constructor(downstream: Downstream) {
    this.#downstream = downstream;
  }

  /** Aborts when nobody waits for the answer any more; made for those who ask, because few do. */
  get gone(): AbortSignal {
    if (this.#gone !== undefined) return this.#gone.signal;
    const gone = new AbortController();
    this.#gone = gone;
    const { sink } = this.#downstream;
    if (sink.destroyed) gone.abort();
    else sink.once('close', () => gone.abort());
    return gone.signal;
  }

  /** Reads a whole body, or finds it longer than `bytesMax`; a caller that waits to be told so is told to send it. */
  async readWhole(bytesMax: number, request: CanonicalRequest): Promise<Ahead> {
    if (request.framing.kind === 'none') return { kind: 'whole', body: Buffer.alloc(0) };
    this.goAhead(request);
    return readAhead(this.#downstream.body, bytesMax, this.progress);
  }

  /** Asks for the body, once, where the caller waits for that. */
  goAhead(request: CanonicalRequest): void {
    if (!request.expectsContinue || this.#continued) return;
    this.#continued = true;
    this.#downstream.sendContinue();
  }

  /** From now on the request holds one of these connections, or waits for one. */
  shares(connections: SharedConnections): void {
    this.#shared = connections;
  }

  /** Ends the request where it stands. */
  cut(why = tooSlow): void {
    refuse(this.#downstream, why);
    this.#downstream.abandonBody();
  }

  /** The caller may do nothing any more; nothing of the request has gone to the target. */
  endWithSession(): void {
    this.cut(sessionOver);
  }

  /** Whether the time is over; `now` as performance.now(). */
  isOver(now: number, limits: PatienceLimits): boolean {
    return (
      this.#sendsTooSlowly(now, limits) || this.#takesNothing(now, limits) || this.#hampers(now)
    );
  }

  #sendsTooSlowly(now: number, { bodyBytesPerSecondMin }: PatienceLimits): boolean {
    const { receiving, received } = this.progress;
    if (!receiving) {
      this.#window = { since: now, received };
      return false;
    }
    if (now - this.#window.since < windowMs) return false;
    const due = (bodyBytesPerSecondMin * windowMs) / 1000;
    const isSlow = received - this.#window.received < due;
    this.#window = { since: now, received };
    return isSlow;
  }

  #takesNothing(now: number, { stallSecondsMax }: PatienceLimits): boolean {
    const left = this.#downstream.sink.writableLength;
    if (left === 0 || left !== this.#stall?.left) {
      this.#stall = left === 0 ? undefined : { since: now, left };
      return false;
    }
    return now - this.#stall.since > stallSecondsMax * 1000;
  }

  /** Whether it is the caller for whom the connection waits, at a crawl, while others wait for the connection. */
  #hampers(now: number): boolean {
    const { receiving, received, answered } = this.progress;
    const left = this.#downstream.sink.writableLength;
    if (this.#shared === undefined || (!receiving && left === 0)) {
      this.#pace = undefined;
      return false;
    }
    const moved = received + answered - left;
    this.#pace ??= { since: now, moved };
    const { since } = this.#pace;
    if (now - since < crowdedWindowMs) return false;
    const due = (crowdedBytesPerSecondMin * (now - since)) / 1000;
    const isSlow = moved - this.#pace.moved < due;
    if (!isSlow) this.#pace = { since: now, moved };
    return isSlow && this.#shared.isCrowded;
  }
}

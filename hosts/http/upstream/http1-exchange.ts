// One request and its answer on a connection that serves others before and after it.

import type { Socket } from 'node:net';

import { UpstreamError } from '#engine';

import type { ResponsePart } from '../wire/index.ts';
import { ResponseReader } from '../wire/index.ts';
import type { AnswerControl, AnswerListener } from './answer-listener.ts';

export interface ExchangeOptions {
  readonly socket: Socket;
  readonly method: string;
  readonly listener: AnswerListener;
  readonly limits: ExchangeLimits;
  /** Called once, when the request that was begun is over; with 0 the connection is of no more use. */
  readonly onOver: (keptSeconds: number) => void;
}

export interface ExchangeLimits {
  /** From the request to the head of the answer. */
  readonly headMsMax: number;
  /** Between two pieces of the answer. */
  readonly idleMsMax: number;
}

export class Exchange implements AnswerControl {
  readonly #options: ExchangeOptions;
  readonly #reader: ResponseReader;
  #state: 'new' | 'asked' | 'answering' | 'over' = 'new';
  #keptSeconds = 0;
  #paused = false;
  /** Since the last sweep. */
  #moved = true;
  #stillSince = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#reader = new ResponseReader(options.method);
  }

  /** False when nobody waits for the answer: then it is over, and nothing may be sent. */
  begin(): boolean {
    this.#options.listener.onStart(this);
    if (this.#state === 'over') return false;
    this.#state = 'asked';
    return true;
  }

  take(piece: Buffer): void {
    try {
      for (const part of this.#reader.push(piece)) {
        if (this.#state === 'over') return;
        this.#tell(part);
      }
      if (this.#state === 'answering') this.#moved = true;
    } catch (error) {
      // What is no answer, and what a listener throws, ends this request and no other.
      this.abort(error as Error);
    }
  }

  abort(reason: Error): void {
    const { listener } = this.#options;
    const wasBegun = this.#state !== 'new';
    if (this.#state === 'over') return;
    this.#state = 'over';
    if (wasBegun) this.#options.onOver(0);
    listener.onError(reason);
  }

  pause(): void {
    if (this.#state === 'over') return;
    this.#paused = true;
    this.#options.socket.pause();
  }

  resume(): void {
    if (this.#state === 'over' || !this.#paused) return;
    this.#paused = false;
    this.#options.socket.resume();
  }

  /** To be called every second. */
  onSweep(now: number): void {
    // The caller that keeps the answer from moving on has a deadline of its own.
    if (this.#moved || this.#paused) {
      this.#moved = false;
      this.#stillSince = now;
      return;
    }
    const { headMsMax, idleMsMax } = this.#options.limits;
    const msMax = this.#state === 'asked' ? headMsMax : idleMsMax;
    if (now - this.#stillSince > msMax) this.abort(tooSlow());
  }

  #tell(part: ResponsePart): void {
    const { listener, method } = this.#options;
    switch (part.kind) {
      case 'head':
        this.#state = 'answering';
        // Not every server knows that HEAD has no body: what it sends behind would be the next caller's answer.
        if (part.checked.kind === 'response' && method !== 'HEAD') {
          this.#keptSeconds = part.checked.keptSeconds;
        }
        listener.onHead(part.status, part.checked);
        return;
      case 'body':
        listener.onData(part.bytes);
        return;
      case 'end':
        this.resume();
        listener.onEnd();
        this.#finish(part.isClean ? this.#keptSeconds : 0);
    }
  }

  #finish(keptSeconds: number): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#options.onOver(keptSeconds);
  }
}

const tooSlow = (): UpstreamError =>
  new UpstreamError('upstream-broken', 'the target did not answer in time');

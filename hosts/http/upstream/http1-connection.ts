// One connection to a target over HTTP/1.1 (RFC 9112 §9): one request at a time, and the next only where it is certain that
// the answer before has come to its end.

import type { Socket } from 'node:net';

import { UpstreamError } from '#engine';

import type { AnswerListener } from './answer-listener.ts';
import type { ExchangeLimits } from './http1-exchange.ts';
import { Exchange } from './http1-exchange.ts';
import type { WholeRequest } from './http1-request.ts';
import { requestHead } from './http1-request.ts';

export interface Http1Limits extends ExchangeLimits {
  /** Between two requests. */
  readonly keptMsMax: number;
}

export interface Http1ConnectionOptions {
  readonly socket: Socket;
  readonly limits: Http1Limits;
  /** It may be asked again. */
  readonly onFree: (connection: Http1Connection) => void;
  /** It is gone; who waited for an answer was told. */
  readonly onClosed: (connection: Http1Connection) => void;
}

/** By which targets may be early to close: a request would be on its way to them. */
const keptMarginMs = 1_000;

export class Http1Connection {
  readonly #options: Http1ConnectionOptions;
  readonly #onOver: (keptSeconds: number) => void;
  #exchange: Exchange | undefined;
  #keptMs: number;
  #idleSince = performance.now();

  constructor(options: Http1ConnectionOptions) {
    const { socket, limits, onClosed } = options;
    this.#options = options;
    this.#keptMs = limits.keptMsMax;
    this.#onOver = (keptSeconds) => {
      this.#release(keptSeconds);
    };
    socket.on('data', (piece: Buffer) => {
      // Nobody asked for it: whoever asks next would take it for their answer.
      if (this.#exchange === undefined) socket.destroy();
      else this.#exchange.take(piece);
    });
    socket.once('close', () => {
      this.#exchange?.abort(closedEarly());
      onClosed(this);
    });
  }

  /** Whether it may be asked; `now` as performance.now(). */
  isUsable(now: number): boolean {
    const { socket } = this.#options;
    return socket.writable && this.#exchange === undefined && now - this.#idleSince < this.#keptMs;
  }

  /**
   * False when nobody waits for the answer any more: nothing was sent.
   *
   * @throws UpstreamError `upstream-broken` for what cannot be sent; its listener was told nothing
   */
  ask(request: WholeRequest, listener: AnswerListener): boolean {
    const { socket, limits } = this.#options;
    const { method, body } = request;
    const head = requestHead(request);
    const exchange = new Exchange({ socket, method, listener, limits, onOver: this.#onOver });
    if (!exchange.begin()) return false;
    this.#exchange = exchange;
    if (body === null || body.length === 0) {
      socket.write(head, 'latin1');
      return true;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
    return true;
  }

  /** To be called every second. */
  onSweep(now: number): void {
    if (this.#exchange !== undefined) this.#exchange.onSweep(now);
    else if (!this.isUsable(now)) this.destroy();
  }

  destroy(): void {
    this.#options.socket.destroy();
  }

  /** An answer that came before the request was sent whole leaves a target that does not know where the next one begins. */
  #release(keptSeconds: number): void {
    const { socket, limits, onFree } = this.#options;
    this.#exchange = undefined;
    this.#idleSince = performance.now();
    this.#keptMs = Math.min(limits.keptMsMax, keptSeconds * 1000 - keptMarginMs);
    if (this.#keptMs > 0 && socket.writableLength === 0) onFree(this);
    else socket.destroy();
  }
}

const closedEarly = (): UpstreamError =>
  new UpstreamError('upstream-broken', 'the target closed the connection before its answer ended');

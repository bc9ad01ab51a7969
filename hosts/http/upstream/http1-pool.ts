// The connections to one target over HTTP/1.1 that requests without a body, or with one that is at hand, share.

import type { Socket } from 'node:net';

import { UpstreamError } from '#engine';

import type { Sweep, Swept } from '../streams/index.ts';
import type { AnswerListener } from './answer-listener.ts';
import type { Http1Limits } from './http1-connection.ts';
import { Http1Connection } from './http1-connection.ts';
import type { WholeRequest } from './http1-request.ts';

export interface Http1PoolOptions {
  readonly connect: () => Promise<Socket>;
  readonly limits: Http1Limits & { readonly connectionsMax: number };
  readonly sweep: Sweep;
}

interface Waiting {
  readonly request: WholeRequest;
  readonly listener: AnswerListener;
}

export class Http1Pool implements Swept {
  readonly #options: Http1PoolOptions;
  readonly #open = new Set<Http1Connection>();
  /** The one that was used last is used next, so that those which are too many are left to end. */
  readonly #idle: Http1Connection[] = [];
  readonly #waiting: Waiting[] = [];
  #dialling = 0;
  #closed = false;

  constructor(options: Http1PoolOptions) {
    this.#options = options;
  }

  /** Requests that wait for a connection, of which there are as many as there may be. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Sends a request once; nothing is ever sent again. Never throws for what the target does. */
  dispatch(request: WholeRequest, listener: AnswerListener): void {
    this.#waiting.push({ request, listener });
    const idle = this.#takeIdle();
    if (idle !== undefined) this.#serve(idle);
    else this.#dialMore();
  }

  onSweep(now: number): void {
    for (const connection of this.#open) connection.onSweep(now);
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#open) connection.destroy();
    this.#failAll(new UpstreamError('upstream-unreachable', 'the gateway is closing'));
  }

  #takeIdle(): Http1Connection | undefined {
    const now = performance.now();
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || connection.isUsable(now)) return connection;
      connection.destroy();
    }
  }

  /** Gives the connection to whoever waits longest and still wants the answer. */
  #serve(connection: Http1Connection): void {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#idle.push(connection);
        return;
      }
      if (asked(connection, next)) return;
    }
  }

  /** As many as there are requests to wait for them, within the bound. */
  #dialMore(): void {
    const { connectionsMax } = this.#options.limits;
    while (
      this.#dialling < this.#waiting.length &&
      this.#open.size + this.#dialling < connectionsMax
    ) {
      this.#dialling += 1;
      void this.#dial();
    }
  }

  /** Where it fails, so does the request that waited longest, and no other. */
  async #dial(): Promise<void> {
    try {
      const socket = await this.#options.connect();
      this.#dialling -= 1;
      this.#add(socket);
    } catch (error) {
      this.#dialling -= 1;
      this.#waiting.shift()?.listener.onError(error as Error);
      this.#dialMore();
    }
  }

  #add(socket: Socket): void {
    const { limits, sweep } = this.#options;
    const connection = new Http1Connection({
      ...{ socket, limits },
      onFree: (free) => {
        this.#serve(free);
      },
      onClosed: (closed) => {
        this.#forget(closed);
      },
    });
    this.#open.add(connection);
    sweep.join(this);
    if (this.#closed) connection.destroy();
    else this.#serve(connection);
  }

  #forget(connection: Http1Connection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#open.size === 0) this.#options.sweep.leave(this);
    if (!this.#closed) this.#dialMore();
  }

  #failAll(error: Error): void {
    for (const { listener } of this.#waiting.splice(0)) listener.onError(error);
  }
}

function asked(connection: Http1Connection, { request, listener }: Waiting): boolean {
  try {
    return connection.ask(request, listener);
  } catch (error) {
    listener.onError(error as Error);
    return false;
  }
}

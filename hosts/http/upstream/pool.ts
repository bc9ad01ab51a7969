// Connections to one target, each made by the gateway's own verified dialer.

import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';

import { Pool } from 'undici';

import type { HttpTargetConfig, Limits } from '#engine';
import { dial, formatAddress, secureClient, startDeadline } from '#transport';

import type { Sweep } from '../streams/index.ts';
import { Http2Sessions } from '../streams/index.ts';
import type { AnswerListener } from './answer-listener.ts';
import { dispatchHandler } from './answer-listener.ts';
import { Http1Pool } from './http1-pool.ts';
import { isWhole } from './http1-request.ts';
import { dispatchHttp2 } from './http2-dispatch.ts';
import type { UpstreamRequest } from './upstream-request.ts';

const dialMsMax = 10_000;
/** Below what servers commonly keep, so that it is mostly the gateway that closes. */
const keepAliveMs = 4_000;
const headBytesMax = 64 * 1024;

const http2Limits = { streamsMax: 100, idleMsMax: 60_000, pingMs: 30_000 } as const;

export interface UpstreamPoolsOptions {
  readonly tls: SecureContext;
  readonly limits: PoolLimits;
  readonly sweep: Sweep;
}

type PoolLimits = Pick<
  Limits,
  'upstreamConnectionsMax' | 'responseSecondsMax' | 'streamIdleSecondsMax'
>;

/** Whoever holds a connection for as long as a slow caller pleases gets it from a pool of their own. */
export class UpstreamPools {
  readonly #target: HttpTargetConfig;
  readonly #tls: SecureContext;
  readonly #quick: Http1Pool;
  readonly #streaming: Pool;
  readonly #limits: PoolLimits;
  /** Empty until the target is asked over HTTP/2. */
  readonly http2: Http2Sessions;
  readonly scheme: 'https' | 'http';

  constructor(target: HttpTargetConfig, { tls, limits, sweep }: UpstreamPoolsOptions) {
    this.#target = target;
    this.#tls = tls;
    this.#limits = limits;
    this.scheme = target.tls.kind === 'verified' ? 'https' : 'http';
    this.http2 = new Http2Sessions({
      connect: () => this.connect(['h2']),
      limits: {
        ...http2Limits,
        connectMsMax: dialMsMax,
        sessionsMax: limits.upstreamConnectionsMax,
      },
      sweep,
    });
    this.#quick = new Http1Pool({
      connect: () => this.connect(['http/1.1']),
      limits: {
        connectionsMax: limits.upstreamConnectionsMax,
        headMsMax: limits.responseSecondsMax * 1000,
        idleMsMax: limits.streamIdleSecondsMax * 1000,
        keptMsMax: keepAliveMs,
      },
      sweep,
    });
    this.#streaming = this.#pool(limits);
  }

  /** Sends a request once; nothing is ever sent again. */
  dispatch(request: UpstreamRequest, listener: AnswerListener): void {
    const { method, path, headers, body } = request;
    if (this.#target.http2) {
      const { responseSecondsMax, streamIdleSecondsMax } = this.#limits;
      dispatchHttp2(request, dispatchHandler(listener, { method, version: '2' }), {
        sessions: this.http2,
        scheme: this.scheme,
        headMsMax: responseSecondsMax * 1000,
        idleMsMax: streamIdleSecondsMax * 1000,
      });
    } else if (isWhole(request)) this.#quick.dispatch(request, listener);
    else {
      this.#streaming.dispatch(
        { method, path, headers: [...headers], body, idempotent: false },
        dispatchHandler(listener, { method, version: '1.1' }),
      );
    }
  }

  /** Requests wait for a connection that others hold. */
  get isCrowded(): boolean {
    return this.#quick.waiting + this.#streaming.stats.queued + this.http2.waiting > 0;
  }

  /** A connection of one's own, verified. */
  connect(alpn: readonly string[]): Promise<Socket> {
    return dialTarget(this.#target, this.#tls, alpn);
  }

  async close(): Promise<void> {
    this.http2.close();
    this.#quick.close();
    await this.#streaming.destroy();
  }

  #pool(limits: PoolLimits): Pool {
    const { host, port } = this.#target;
    return new Pool(`${this.scheme}://${formatAddress({ host, port })}`, {
      connections: limits.upstreamConnectionsMax,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: headBytesMax,
      headersTimeout: limits.responseSecondsMax * 1000,
      bodyTimeout: limits.streamIdleSecondsMax * 1000,
      strictContentLength: true,
      connect: (_options, callback) => {
        this.connect(['http/1.1']).then(
          (socket) => {
            callback(null, socket);
          },
          (error: unknown) => {
            callback(error as Error, null);
          },
        );
      },
    });
  }
}

/** @throws UpstreamError as `dial` and `secureClient`. */
async function dialTarget(
  { host, port, tls }: HttpTargetConfig,
  context: SecureContext,
  alpn: readonly string[],
): Promise<Socket> {
  using deadline = startDeadline(dialMsMax, 'the target did not answer in time');
  const { signal } = deadline;
  const socket = await dial({ address: { host, port }, signal });
  if (tls.kind === 'insecure-plaintext') return socket;
  return await secureClient(socket, { servername: tls.servername, context, alpn, signal });
}

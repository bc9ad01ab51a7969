// Connections to one target: undici's pools over the gateway's own verified dialer (RFC 9112).

import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

import type { Dispatcher } from 'undici';
import { Pool } from 'undici';

import type { HttpTargetConfig, Limits } from '#engine';
import type { ClientTlsOptions } from '#transport';
import { dial, formatAddress, secureClient, startDeadline } from '#transport';

const dialMsMax = 10_000;
/** Below what servers commonly keep, so that it is mostly the gateway that closes. */
const keepAliveMs = 4_000;
const headBytesMax = 64 * 1024;

export interface UpstreamTls {
  readonly ca: string | undefined;
  readonly client: { readonly certificate: string; readonly key: string } | undefined;
}

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | Readable | null;
}

type PoolLimits = Pick<
  Limits,
  'upstreamConnectionsMax' | 'responseSecondsMax' | 'streamIdleSecondsMax'
>;

/** Whoever holds a connection for as long as a slow caller pleases gets it from a pool of their own. */
export class UpstreamPools {
  readonly #target: HttpTargetConfig;
  readonly #tls: UpstreamTls;
  readonly #quick: Pool;
  readonly #streaming: Pool;

  constructor(target: HttpTargetConfig, tls: UpstreamTls, limits: PoolLimits) {
    this.#target = target;
    this.#tls = tls;
    this.#quick = this.#pool(limits);
    this.#streaming = this.#pool(limits);
  }

  /** Sends a request once; nothing is ever sent again. */
  dispatch(
    { method, path, headers, body }: UpstreamRequest,
    handler: Dispatcher.DispatchHandler,
  ): void {
    const pool = body === null || Buffer.isBuffer(body) ? this.#quick : this.#streaming;
    pool.dispatch({ method, path, headers: [...headers], body, idempotent: false }, handler);
  }

  /** A connection of one's own, verified. */
  connect(alpn: readonly string[]): Promise<Socket> {
    return dialTarget(this.#target, this.#tls, alpn);
  }

  async close(): Promise<void> {
    await Promise.all([this.#quick.destroy(), this.#streaming.destroy()]);
  }

  #pool(limits: PoolLimits): Pool {
    const { host, port, tls } = this.#target;
    const scheme = tls.kind === 'verified' ? 'https' : 'http';
    return new Pool(`${scheme}://${formatAddress({ host, port })}`, {
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
  { ca, client }: UpstreamTls,
  alpn: readonly string[],
): Promise<Socket> {
  using deadline = startDeadline(dialMsMax, 'the target did not answer in time');
  const { signal } = deadline;
  const socket = await dial({ address: { host, port }, signal });
  if (tls.kind === 'insecure-plaintext') return socket;
  const options: ClientTlsOptions = {
    servername: tls.servername,
    alpn,
    signal,
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : { client }),
  };
  return await secureClient(socket, options);
}

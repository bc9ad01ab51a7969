// HTTP/2 connections to targets (RFC 9113), shared by requests: opened when needed, watched, replaced when they go away.

import { connect } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { UpstreamError } from '#engine/model';
import { endWithoutTrailers } from './http2-cut.ts';
import type { Sweep, Swept } from './sweep.ts';

export interface Http2Limits {
  readonly connectMsMax: number;
  /** Connections to one target. */
  readonly sessionsMax: number;
  /** Streams on one connection at once; the target may allow fewer. */
  readonly streamsMax: number;
  /** A connection without streams is closed after it. */
  readonly idleMsMax: number;
  /** A connection with streams is asked so often whether it lives, and has that long to answer. */
  readonly pingMs: number;
}

export interface Http2SessionsOptions {
  /** A verified connection on which the target chose `h2` (RFC 7301), or plaintext where that is configured. */
  readonly connect: (signal: AbortSignal) => Promise<Duplex>;
  readonly limits: Http2Limits;
  readonly sweep: Sweep;
}

export interface Http2Request {
  /** Names and values in turn: `:method`, `:scheme`, `:authority`, `:path`, then the fields. */
  readonly head: readonly string[];
  /** Without a body. */
  readonly endStream: boolean;
  /** Bounds the wait for a connection and for a free stream on it; the stream itself is its caller's. */
  readonly signal: AbortSignal;
}

/** What one stream may have waiting in front of a reader that is slow. */
const windowBytes = 256 * 1024;
const connectionWindowBytes = 4 * windowBytes;
/** Node refuses streams on a connection that has more than this waiting: as many bodies as there may be streams. */
const memoryMegabytesMax = 128;

/** One target's connections. */
export class Http2Sessions {
  readonly #options: Http2SessionsOptions;
  readonly #sessions = new Set<Http2Upstream>();
  #connecting: Promise<void> | undefined;
  #changed = Promise.withResolvers<undefined>();
  #closed = false;
  #waiting = 0;

  constructor(options: Http2SessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Requests for which no connection has a free stream, and none may be opened. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Sends a request head; the stream is to be cut by `resetStream` only. Nothing is sent twice: a request that a connection lost is its caller's to repeat.
   *
   * @throws UpstreamError of `connect`; `upstream-unreachable` when no stream becomes free in time
   */
  async request(request: Http2Request): Promise<ClientHttp2Stream> {
    const { signal } = request;
    for (;;) {
      if (this.#closed) throw new UpstreamError('upstream-unreachable', 'the gateway stops');
      if (signal.aborted) throw tooLate(signal);
      for (const session of this.#sessions) {
        const stream = session.request(request);
        if (stream !== undefined) return stream;
      }
      const isFull = this.#sessions.size >= this.#options.limits.sessionsMax;
      await (isFull ? this.#whenFree(signal) : orAborted(this.#connect(), signal));
    }
  }

  async #whenFree(signal: AbortSignal): Promise<void> {
    this.#waiting += 1;
    try {
      await orAborted(this.#changed.promise, signal);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Lets streams end; no new ones. */
  close(): void {
    this.#closed = true;
    for (const session of this.#sessions) session.close();
    this.#change();
  }

  destroy(): void {
    this.close();
    for (const session of this.#sessions) session.destroy();
  }

  /** One at a time: who waits meanwhile shares the outcome. */
  #connect(): Promise<void> {
    return (this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    }));
  }

  async #open(): Promise<void> {
    const { limits, sweep } = this.#options;
    const signal = AbortSignal.timeout(limits.connectMsMax);
    const socket = await this.#options.connect(signal);
    if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') {
      socket.destroy();
      throw new UpstreamError('upstream-broken', 'the target does not speak HTTP/2');
    }
    const session = await started(socket, signal);
    const upstream = new Http2Upstream(session, { limits, sweep }, () => {
      if (!upstream.isUsable) this.#sessions.delete(upstream);
      this.#change();
    });
    if (upstream.isUsable && !this.#closed) this.#sessions.add(upstream);
    else upstream.close();
  }

  #change(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers();
  }
}

/** Settings first: until they are there the target's limits are unknown, and that it speaks HTTP/2 at all. */
async function started(socket: Duplex, signal: AbortSignal): Promise<ClientHttp2Session> {
  const session = connect('https://target', {
    createConnection: () => socket,
    maxSessionMemory: memoryMegabytesMax,
    settings: { enablePush: false, initialWindowSize: windowBytes },
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const closed = (): void => reject(new Error('the connection was closed'));
  const aborted = (): void => reject(signal.reason as Error);
  // Stays: unheard it would end the process; what is lost is told by the close of its streams.
  session.on('error', reject);
  session.once('remoteSettings', () => resolve(undefined)).once('close', closed);
  signal.addEventListener('abort', aborted);
  try {
    await promise;
    session.setLocalWindowSize(connectionWindowBytes);
    return session;
  } catch (cause) {
    session.destroy();
    const code = signal.aborted ? 'upstream-unreachable' : 'upstream-broken';
    throw new UpstreamError(code, 'no HTTP/2 with the target', { cause });
  } finally {
    session.off('close', closed);
    signal.removeEventListener('abort', aborted);
  }
}

const tooLate = ({ reason }: AbortSignal): UpstreamError =>
  new UpstreamError('upstream-unreachable', 'the target has no free stream in time', {
    cause: reason,
  });

async function orAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(tooLate(signal));
  };
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

interface UpstreamOptions {
  readonly limits: Http2Limits;
  readonly sweep: Sweep;
}

class Http2Upstream implements Swept {
  readonly #session: ClientHttp2Session;
  readonly #options: UpstreamOptions;
  readonly #onChange: () => void;
  #streams = 0;
  #quietMs: number;
  #pinged = false;

  constructor(session: ClientHttp2Session, options: UpstreamOptions, onChange: () => void) {
    this.#session = session;
    this.#options = options;
    this.#onChange = onChange;
    this.#quietMs = performance.now();
    options.sweep.join(this);
    session.on('goaway', onChange);
    session.on('close', () => {
      options.sweep.leave(this);
      onChange();
    });
  }

  /** False once it closes or the target said GOAWAY: it takes no new streams then. */
  get isUsable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Undefined when no stream is free. */
  request({ head, endStream }: Http2Request): ClientHttp2Stream | undefined {
    const theirs = this.#session.remoteSettings.maxConcurrentStreams ?? Infinity;
    const streamsMax = Math.min(this.#options.limits.streamsMax, theirs);
    if (!this.isUsable || this.#streams >= streamsMax) return undefined;
    const stream = this.#session.request(head, { endStream, waitForTrailers: !endStream });
    endWithoutTrailers(stream);
    this.#streams += 1;
    stream.once('close', () => {
      this.#streams -= 1;
      this.#quietMs = performance.now();
      this.#onChange();
    });
    return stream;
  }

  close(): void {
    if (!this.#session.destroyed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  onSweep(nowMs: number): void {
    const { idleMsMax, pingMs } = this.#options.limits;
    if (this.#streams === 0) {
      if (nowMs - this.#quietMs >= idleMsMax) this.close();
      return;
    }
    if (nowMs - this.#quietMs < pingMs) return;
    if (this.#pinged) return this.destroy();
    this.#quietMs = nowMs;
    this.#pinged = this.#session.ping(() => {
      this.#pinged = false;
    });
  }
}

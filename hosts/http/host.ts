// The HTTP host: accepts, tells HTTP/1.1 from HTTP/2, hands requests to sessions, drains.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

import type { Config, Engine, OperatorLog } from '#engine';
import { errorFields, readSecret } from '#engine';
import { IssuerFetch } from '#engine/identity';
import type { Address, ConnectionSlots } from '#transport';
import { Listener, ServerTls, parseAddress } from '#transport';

import { HttpConnection } from './connection.ts';
import type { Downstream } from './downstream.ts';
import { headText, http1Downstream, http2Downstream, upgradeDownstream } from './downstream.ts';
import { headerListSize, speakHttp2 } from './http2-callers.ts';
import { BrowserLogin } from './login/index.ts';
import { problem, refuse } from './refusal.ts';
import type { HttpServices, Reads } from './services.ts';

import { HeldRequests } from './session/held-requests.ts';
import { serve } from './session/serve.ts';
import { Sweep } from './streams/index.ts';
import { Targets } from './targets.ts';
import { AssertionSigner } from './upstream/assertion.ts';

export interface HttpHostOptions {
  readonly engine: Engine;
  readonly config: Config;
  /** `address:port` */
  readonly listen: string;
  readonly slots: ConnectionSlots;
  readonly log: OperatorLog;
}

const sweepMs = 1000;

export class HttpHost {
  readonly #options: HttpHostOptions;
  readonly #tls: ServerTls;
  readonly #services: HttpServices;
  readonly #server: Server;
  /** By the decrypted socket. */
  readonly #connections = new Map<Duplex, HttpConnection>();
  readonly #sweeps: NodeJS.Timeout;
  #listener: Listener | undefined;
  #issuer: IssuerFetch | undefined;

  private constructor(options: HttpHostOptions, tls: ServerTls) {
    const { engine, config, log } = options;
    const { limits } = engine;
    const sweep = new Sweep();
    this.#options = options;
    this.#tls = tls;
    this.#services = {
      engine,
      limits,
      targets: new Targets(config, limits, sweep),
      held: new HeldRequests({ desk: engine.desk, ...limits }),
      assertions: new AssertionSigner({
        keyFile: join(config.state, 'assertion.key'),
        issuer: 'sallyport',
        now: Date.now,
      }),
      login: this.#openLogin(),
      sweep,
      reads: readsOf(engine),
      log,
    };
    this.#server = this.#http1Server();
    this.#sweeps = setInterval(() => {
      const now = performance.now();
      for (const connection of this.#connections.values()) connection.sweep(now);
    }, sweepMs).unref();
    engine.authenticator.events.on('revoked', (credentials) => {
      this.#endRevoked(credentials);
    });
  }

  /** @throws ConfigError when secrets, certificates or the address are wrong; the system's error if it is in use. */
  static async start(options: HttpHostOptions): Promise<HttpHost> {
    const { config, engine, listen, slots, log } = options;
    const { clientCertificates } = config.identity;
    const tls = await ServerTls.load({
      certificate: config.tls.certificate,
      key: config.tls.key,
      alpn: ['h2', 'http/1.1'],
      handshakeMsMax: engine.limits.loginSecondsMax * 1000,
      onEvent: log,
      ...(clientCertificates === undefined
        ? {}
        : { clientCa: clientCertificates.ca, clientCertificateOptional: true }),
    });
    const host = new HttpHost(options, tls);
    host.#listener = await Listener.open({
      address: parseAddress(listen),
      slots,
      onConnection: (socket, draining) => host.#live(socket, draining),
      onRefused: (socket) => {
        socket.destroy();
        return Promise.resolve();
      },
      onEvent: log,
    });
    return host;
  }

  /** Where it really listens. */
  get address(): Address {
    if (this.#listener === undefined) throw new Error('the host is not started');
    return this.#listener.address();
  }

  /** Stops accepting, lets requests come to their end, cuts the rest when the time is over. */
  async drain(): Promise<void> {
    await this.#listener?.drain(this.#services.limits.drainSecondsMax * 1000);
    this.#tls.close();
  }

  /** Ends everything now. */
  async close(): Promise<void> {
    await this.#listener?.drain(0);
    clearInterval(this.#sweeps);
    this.#services.held.close();
    this.#tls.close();
    await this.#services.targets.close();
    await this.#issuer?.close();
  }

  /** @throws ConfigError when the client's secret cannot be read. */
  #openLogin(): BrowserLogin | undefined {
    const { config, log } = this.#options;
    const { oidc } = config.identity;
    if (oidc?.login === undefined) return undefined;
    const now = Date.now;
    const onFailure = (error: unknown): void => {
      log('issuer-failed', errorFields(error));
    };
    this.#issuer = new IssuerFetch({ ca: oidc.ca, onFailure, now });
    return new BrowserLogin({
      oidc,
      login: oidc.login,
      secret: readSecret(oidc.login.clientSecret),
      fetch: this.#issuer.fetch,
      now,
      onRevoked: (credentials) => {
        this.#endRevoked(credentials);
      },
      log,
    });
  }

  #endRevoked(credentials: ReadonlySet<string>): void {
    for (const connection of this.#connections.values()) {
      for (const session of connection.sessions) {
        if (credentials.has(session.authenticated.credential)) {
          connection.endSession(session, 'revoked');
        }
      }
    }
  }

  /** One connection's whole life. Never rejects. */
  async #live(accepted: Socket, draining: AbortSignal): Promise<void> {
    const socket = await this.#secure(accepted).catch((error: unknown) => {
      const client = accepted.remoteAddress ?? '';
      this.#options.log('handshake-failed', { client, ...errorFields(error) });
      accepted.destroy();
    });
    if (socket === undefined) return;
    const isTls = socket instanceof TLSSocket;
    const connection = new HttpConnection({
      services: this.#services,
      socket,
      scheme: isTls ? 'https' : 'http',
      // There is none that does not verify: its connection has ended.
      certificate: isTls ? socket.getPeerX509Certificate() : undefined,
    });
    this.#connections.set(socket, connection);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const drain = this.#speak(socket, connection);
    draining.addEventListener('abort', drain);
    if (draining.aborted) drain();
    await closed;
    draining.removeEventListener('abort', drain);
    await connection.settled();
    this.#connections.delete(socket);
    connection.end('closed');
  }

  /** Clients that do not begin with a TLS handshake (RFC 8446 §5.1) are served only where that is allowed. */
  async #secure(accepted: Socket): Promise<Socket | TLSSocket> {
    if (this.#options.config.tls.insecureAllowPlaintext) {
      const first = await firstByte(accepted, this.#services.limits.headSecondsMax * 1000);
      if (first !== tlsHandshake) return accepted;
    }
    return this.#tls.secure(accepted);
  }

  /** Lets the protocol that was agreed on take over; answers how to end it after the requests under way. */
  #speak(socket: Socket | TLSSocket, connection: HttpConnection): () => void {
    if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') {
      const session = this.#http2Session(socket, connection);
      return () => {
        session.close();
      };
    }
    this.#server.emit('connection', socket);
    return () => {
      connection.drain();
    };
  }

  #http1Server(): Server {
    const { headBytesMax, idleSecondsMax } = this.#services.limits;
    const server = createServer({
      maxHeaderSize: headBytesMax,
      keepAliveTimeout: idleSecondsMax * 1000,
      // Node's own deadlines work only for servers that listen: the connections' sweep has them.
      headersTimeout: 0,
      requestTimeout: 0,
      insecureHTTPParser: false,
      // Missing, it is refused with our own words.
      requireHostHeader: false,
      // Most requests have no body: what would tell of its end has no listeners, and costs as much as a policy's verdict.
      optimizeEmptyRequests: true,
    });
    // All of them are seen, and too many refused: node would leave out what is over its own maximum.
    server.maxHeadersCount = 0;
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      this.#take(request.socket, (connection) =>
        http1Downstream(request, response, connection.scheme),
      );
    };
    server.on('request', take).on('checkContinue', take).on('checkExpectation', take);
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      this.#take(socket, (connection) =>
        upgradeDownstream(request, { socket, head }, connection.scheme),
      );
    };
    server.on('upgrade', upgrade).on('connect', upgrade);
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
      this.#malformed(error, socket);
    });
    return server;
  }

  #take(socket: Duplex, downstreamOf: (connection: HttpConnection) => Downstream): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) socket.destroy();
    else void serve(this.#services, connection, downstreamOf(connection));
  }

  /** What node's parser refuses; nothing of it reached a session. */
  #malformed(error: NodeJS.ErrnoException, socket: Duplex): void {
    const { code = '' } = error;
    this.#options.log('request-refused', { code: 'statement-unparsable', rule: code });
    if (!socket.writable || code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const body = problem({
      status: 400,
      code: 'statement-unparsable',
      message: 'the request is malformed',
      rule: code,
    });
    const head = headText(400, [
      ['content-type', 'application/problem+json'],
      ['content-length', String(body.length)],
      ['connection', 'close'],
    ]);
    socket.end(Buffer.concat([Buffer.from(head, 'latin1'), body]));
  }

  #http2Session(socket: Socket, connection: HttpConnection): ServerHttp2Session {
    const { headBytesMax } = this.#services.limits;
    const session = speakHttp2(socket, {
      headBytesMax,
      onStream: (stream, rawHeaders) => {
        const downstream = http2Downstream(stream, rawHeaders, connection.scheme);
        if (headerListSize(rawHeaders) <= headBytesMax) {
          void serve(this.#services, connection, downstream);
          return;
        }
        const { code, rule } = headTooLarge;
        this.#options.log('request-refused', { client: connection.client, code, rule });
        refuse(downstream, headTooLarge);
      },
      onFlood: () => {
        this.#options.log('connection-flooded', { client: connection.client });
      },
    });
    connection.speaksHttp2(() => {
      session.close();
    });
    return session;
  }
}

const headTooLarge = {
  status: 431,
  code: 'statement-unparsable',
  message: 'the request has more fields than fit',
  rule: 'head-too-large',
} as const;

const tlsHandshake = 0x16;

/** Looked at and left in place; -1 when none comes in time. */
async function firstByte(socket: Socket, timeoutMs: number): Promise<number> {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  await new Promise((resolve) => {
    socket.once('readable', resolve).once('close', resolve);
  });
  clearTimeout(timer);
  const first = socket.read(1) as Buffer | null;
  if (first === null) return -1;
  socket.unshift(first);
  return first[0] ?? -1;
}

/** Asked for each request, so the answer is kept for as long as the policies are the same. */
function readsOf(engine: Engine): () => Reads {
  const documents = [
    ['body', 'json'],
    ['rpc', 'params'],
    ['message', 'json'],
  ];
  let revision: string | undefined;
  let reads: Reads = { bodies: false, messages: false, keys: new Set() };
  return () => {
    if (engine.revision === revision) return reads;
    ({ revision } = engine);
    reads = {
      bodies: engine.readsFact('http', 'body'),
      messages: engine.readsFact('http', 'message'),
      keys: new Set(documents.flatMap((path) => [...engine.namesRead('http', path)])),
    };
    return reads;
  };
}

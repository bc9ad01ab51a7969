// The PostgreSQL host: accepts, logs in, connects to the target, hands over to a session, drains.

import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import type { Config, Engine, OperatorLog, Session, SessionRecorder } from '#engine';
import { UpstreamError, errorFields, sessionId } from '#engine';
import type { Address, ConnectionSlots, Deadline } from '#transport';
import { Listener, ServerTls, parseAddress, startDeadline } from '#transport';

import { CancelKeys } from './cancel-keys.ts';
import type { TargetCatalog } from './catalog/index.ts';
import type { Login, LoginOptions } from './login.ts';
import { LoginRefused, alpn, login } from './login.ts';
import type { FatalError } from './refusal.ts';
import { encodeFatal } from './refusal.ts';
import { settingsEntry } from './session/evidence.ts';
import { PostgresSession } from './session/session.ts';
import { StatementRates } from './statement-rates.ts';
import type { Target } from './targets.ts';
import { Targets } from './targets.ts';
import type { Upstream } from './upstream.ts';
import { cancelUpstream, connectUpstream } from './upstream.ts';
import {
  WireError,
  encodeAuthentication,
  encodeBackendKeyData,
  encodeParameterStatus,
  encodeReadyForQuery,
} from './wire/index.ts';

export interface PostgresHostOptions {
  readonly engine: Engine;
  readonly config: Config;
  /** `address:port` */
  readonly listen: string;
  readonly slots: ConnectionSlots;
  readonly log: OperatorLog;
}

const tooMany: FatalError = {
  code: '53300',
  message: 'too many connections',
  hint: 'try again later; limits.connectionsMax bounds them',
};

interface Opened {
  readonly target: Target;
  readonly upstream: Upstream;
  readonly catalog: TargetCatalog;
  readonly session: Session;
  readonly recorder: SessionRecorder;
}

interface Served {
  readonly credential: string;
  readonly catalog: TargetCatalog;
}

export class PostgresHost {
  readonly #options: PostgresHostOptions;
  readonly #tls: ServerTls;
  readonly #targets: Targets;
  readonly #cancelKeys = new CancelKeys();
  readonly #rates = new StatementRates(() => performance.now());
  readonly #sessions = new Map<PostgresSession, Served>();
  /** Credentials revoked since somebody last logged in with them: a session that is still opening must not begin. */
  readonly #revoked = new Set<string>();
  #listener: Listener | undefined;

  private constructor(options: PostgresHostOptions, tls: ServerTls) {
    this.#options = options;
    this.#tls = tls;
    this.#targets = new Targets(options.config, {
      log: options.log,
      onRefused: (refused) => {
        for (const [session, { catalog }] of this.#sessions) {
          if (catalog === refused) endRefused(session, catalog);
        }
      },
    });
    options.engine.authenticator.events.on('revoked', (credentials) => {
      for (const credential of credentials) this.#revoked.add(credential);
      for (const [session, { credential }] of this.#sessions) {
        if (credentials.has(credential)) endRevoked(session);
      }
    });
  }

  /** @throws ConfigError when secrets, certificates or the address are wrong; the system's error if it is in use. */
  static async start(options: PostgresHostOptions): Promise<PostgresHost> {
    const { config, engine, listen, slots, log } = options;
    const tls = await ServerTls.load({
      certificate: config.tls.certificate,
      key: config.tls.key,
      alpn: [alpn],
      handshakeMsMax: engine.limits.loginSecondsMax * 1000,
      onEvent: log,
    });
    const host = new PostgresHost(options, tls);
    host.#listener = await Listener.open({
      address: parseAddress(listen),
      slots,
      onConnection: (socket, draining) => host.#serve(socket, draining),
      onRefused: (socket) => {
        socket.end(encodeFatal(tooMany));
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

  /** Stops accepting, lets sessions end at their next quiet moment, cuts the rest when the time is over. */
  async drain(): Promise<void> {
    await this.#listener?.drain(this.#options.engine.limits.drainSecondsMax * 1000);
    this.#tls.close();
  }

  /** Ends everything now. */
  async close(): Promise<void> {
    await this.#listener?.drain(0);
    this.#tls.close();
  }

  /** One connection's whole life. Never rejects. */
  async #serve(accepted: Socket, draining: AbortSignal): Promise<void> {
    const { engine, config, log } = this.#options;
    const client = accepted.remoteAddress ?? '';
    using deadline = startDeadline(engine.limits.loginSecondsMax * 1000, 'the login took too long');
    const options: LoginOptions = {
      tls: this.#tls,
      allowPlaintext: config.tls.insecureAllowPlaintext,
      authenticate: (token) => {
        const found = engine.authenticator.byToken(token);
        if (found !== undefined) this.#revoked.delete(found.credential);
        return found;
      },
      startupBytesMax: engine.limits.startupBytesMax,
      signal: deadline.signal,
    };
    try {
      const result = await login(accepted, options);
      switch (result.kind) {
        case 'gone':
          accepted.destroy();
          return;
        case 'cancel':
          this.#cancelKeys.cancel(result.request);
          result.socket.end();
          return;
        case 'login':
          await this.#enter(result, accepted, { deadline, draining });
      }
    } catch (error) {
      log('login-failed', { client, ...errorFields(error) });
      endWith(error instanceof LoginRefused ? error.socket : accepted, fatalOf(error));
    }
  }

  async #enter(
    caller: Login,
    accepted: Socket,
    times: { readonly deadline: Deadline; readonly draining: AbortSignal },
  ): Promise<void> {
    const { socket } = caller;
    let opened: Opened;
    try {
      opened = await this.#open(caller, accepted);
    } catch (error) {
      this.#options.log('login-failed', {
        principal: caller.authenticated.principal.id,
        target: caller.target,
        ...errorFields(error),
      });
      endWith(socket, fatalOf(error));
      return;
    }
    times.deadline.cancel();
    await this.#relay(caller, opened, times.draining);
  }

  async #open(caller: Login, accepted: Socket): Promise<Opened> {
    const { engine } = this.#options;
    const target = this.#targets.find(caller.target);
    if (target === undefined) {
      throw new LoginRefused(caller.socket, {
        code: '3D000',
        message: `there is no target '${caller.target}'`,
        hint: 'the database name is TARGET or TARGET/DATABASE',
      });
    }
    const database = caller.database ?? target.config.database;
    const catalog = this.#targets.catalog(target, database);
    await catalog.ready();
    const upstream = await connectUpstream(target, database, [...caller.settings]);
    try {
      requireSafeSettings(upstream);
      const session: Session = {
        id: sessionId(randomUUID()),
        host: 'postgres',
        principal: caller.authenticated.principal,
        target: { name: target.name, labels: target.config.labels, database },
        client: addressOf(accepted),
        clientPort: accepted.remotePort ?? 0,
        application: caller.application,
        startedAt: Date.now(),
      };
      const recorder = engine.openRecording(session);
      if (caller.settings.size > 0) recorder.note(settingsEntry(caller.settings));
      return { target, upstream, catalog, session, recorder };
    } catch (error) {
      upstream.socket.destroy();
      throw error;
    }
  }

  async #relay(caller: Login, opened: Opened, draining: AbortSignal): Promise<void> {
    const { engine, log } = this.#options;
    const { target, upstream, session, catalog, recorder } = opened;
    const { principal } = session;
    const relay = new PostgresSession({
      engine,
      session,
      catalog,
      recorder,
      client: caller.socket,
      upstream,
      rates: this.#rates,
      cancelUpstream: () =>
        cancelUpstream(target, upstream.key).catch((error: unknown) => {
          log('cancel-failed', { session: session.id, ...errorFields(error) });
        }),
      log,
    });
    const key = this.#cancelKeys.issue(caller.protocol, () => {
      relay.cancel();
    });
    this.#sessions.set(relay, { credential: caller.authenticated.credential, catalog });
    const forgetExpiry = expireAt(caller.authenticated.expiresAt, relay);
    const drain = () => {
      relay.drain();
    };
    draining.addEventListener('abort', drain);
    log('session-started', { session: session.id, principal: principal.id, target: target.name });
    caller.socket.write(greeting(upstream, key));
    const running = relay.run();
    if (draining.aborted) drain();
    if (this.#revoked.has(caller.authenticated.credential)) endRevoked(relay);
    endRefused(relay, catalog);
    await running;
    draining.removeEventListener('abort', drain);
    forgetExpiry();
    this.#sessions.delete(relay);
    key.release();
    log('session-ended', { session: session.id });
  }
}

/** IPv4 callers of an IPv6 socket come as ::ffff:a.b.c.d, which no rule about networks would match. */
function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}

/** What the client reads between its password and its first statement. */
function greeting(upstream: Upstream, key: Parameters<typeof encodeBackendKeyData>[0]): Buffer {
  const parameters = Array.from(upstream.parameters, ([name, value]) =>
    encodeParameterStatus(name, value),
  );
  return Buffer.concat([
    encodeAuthentication({ kind: 'ok' }),
    ...parameters,
    encodeBackendKeyData(key),
    encodeReadyForQuery('idle'),
  ]);
}

function endRevoked(session: PostgresSession): void {
  session.terminate('revoked', 'the token was revoked');
}

/** Ends the session if the gateway's role has become one that is refused. */
function endRefused(session: PostgresSession, { refused }: TargetCatalog): void {
  if (refused !== undefined) session.terminate('role-refused', refused.message);
}

/** Both settings decide how the server reads text; without proof of them nothing can be judged. */
function requireSafeSettings({ parameters }: Upstream): void {
  const strings = parameters.get('standard_conforming_strings');
  const encoding = parameters.get('client_encoding');
  if (strings === 'on' && encoding === 'UTF8') return;
  throw new UpstreamError('upstream-refused', 'the target reads strings in an unsafe way', {
    hint: 'it must report standard_conforming_strings on and client_encoding UTF8',
  });
}

/** Longest delay of a timer, about 25 days: connections of a pool live longer. */
const timerMillisecondsMax = 0x7fff_ffff;

/** Ends the session when its token does; returns how to take that back. */
function expireAt(at: number | undefined, session: PostgresSession): () => void {
  if (at === undefined) return () => undefined;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const delay = at - Date.now();
    const expired = delay <= timerMillisecondsMax;
    timer = setTimeout(
      () => {
        if (expired) session.terminate('expired', 'the token has expired');
        else wait();
      },
      Math.min(delay, timerMillisecondsMax),
    );
  };
  wait();
  return () => {
    clearTimeout(timer);
  };
}

function endWith(socket: Socket, fatal: FatalError): void {
  if (socket.writable) socket.end(encodeFatal(fatal));
  else socket.destroy();
  socket.resume();
}

function fatalOf(error: unknown): FatalError {
  if (error instanceof LoginRefused) return error.fatal;
  if (error instanceof WireError) return { code: '08P01', message: error.message };
  if (error instanceof UpstreamError) {
    return { code: '08006', message: error.message, hint: error.hint };
  }
  return { code: 'XX000', message: 'the session cannot begin' };
}

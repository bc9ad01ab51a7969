// One connection of a caller: the sessions on it, the requests under way, and the deadlines of both.

import { randomUUID } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';

import type { Authenticated, Session } from '#engine';
import { errorFields, sessionId } from '#engine';

import type { HttpServices } from './services.ts';
import { HttpSession } from './session/http-session.ts';
import type { Patience } from './session/patience.ts';
import type { Target } from './targets.ts';
import type { CanonicalRequest } from './wire/index.ts';

/** Callers on one connection, times targets: whoever needs more needs another connection. */
const sessionsMax = 64;
/** A WebSocket takes some seconds to take leave of its target. */
const settleMsMax = 5_000;

export interface HttpConnectionOptions {
  readonly services: HttpServices;
  /** The decrypted connection. */
  readonly socket: Socket;
  readonly scheme: 'https' | 'http';
  /** What the caller presented and the gateway verified. */
  readonly certificate: X509Certificate | undefined;
}

export class HttpConnection {
  readonly scheme: 'https' | 'http';
  readonly certificate: X509Certificate | undefined;
  /** IP address; IPv4 as such even on an IPv6 listener, so that rules about networks hold. */
  readonly client: string;
  readonly #services: HttpServices;
  readonly #socket: Socket;
  readonly #sessions = new Map<string, HttpSession>();
  readonly #watched = new Set<Patience>();
  #draining = false;
  #onQuiet: (() => void) | undefined;
  /** Over HTTP/2: tells the caller that no more requests are taken. */
  #sayGoodbye: (() => void) | undefined;
  #saidGoodbye = false;
  /** Since when no request is under way, and what had been read by then. */
  #quiet: { since: number; bytesRead: number; headSince: number | undefined };

  constructor({ services, socket, scheme, certificate }: HttpConnectionOptions) {
    this.#services = services;
    this.#socket = socket;
    this.scheme = scheme;
    this.certificate = certificate;
    this.client = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
    this.#quiet = { since: performance.now(), bytesRead: socket.bytesRead, headSince: undefined };
  }

  /** Its control frames make no head (RFC 9113 §6.7, §6.9), and its end is announced (§6.8). */
  speaksHttp2(sayGoodbye: () => void): void {
    this.#sayGoodbye = sayGoodbye;
  }

  get sessions(): Iterable<HttpSession> {
    return this.#sessions.values();
  }

  get isQuiet(): boolean {
    return this.#watched.size === 0;
  }

  /** The caller's session with the target; nothing when it cannot be recorded, or there are too many. */
  sessionOf(
    authenticated: Authenticated,
    target: Target,
    request: CanonicalRequest,
  ): HttpSession | undefined {
    const { name } = target.config;
    const key = `${authenticated.credential} ${name}`;
    const known = this.#sessions.get(key);
    if (known !== undefined && !known.hasEnded) return known;
    if (this.#sessions.size >= sessionsMax) return undefined;
    const session = this.#newSession(authenticated, target, request);
    if (session !== undefined) this.#sessions.set(key, session);
    return session;
  }

  #newSession(
    authenticated: Authenticated,
    { config: { name, labels } }: Target,
    request: CanonicalRequest,
  ): HttpSession | undefined {
    const { engine, assertions, log } = this.#services;
    const session: Session = {
      id: sessionId(randomUUID()),
      host: 'http',
      principal: authenticated.principal,
      target: { name, labels },
      client: this.client,
      clientPort: this.#socket.remotePort ?? 0,
      application: request.fields.find(([field]) => field === 'user-agent')?.[1] ?? '',
      startedAt: Date.now(),
    };
    try {
      const recorder = engine.openRecording(session);
      const assertion = assertions.forSession(session);
      log('session-started', {
        session: session.id,
        principal: session.principal.id,
        target: name,
      });
      return new HttpSession({ session, authenticated, recorder, assertion });
    } catch (error) {
      log('recording-failed', { session: session.id, ...errorFields(error) });
      return undefined;
    }
  }

  /** Ends one session: its requests are cut, and the connection may serve others. */
  endSession(session: HttpSession, reason: string): void {
    if (session.hasEnded) return;
    try {
      session.end(reason);
    } catch (error) {
      this.#services.log('recording-failed', {
        session: session.session.id,
        ...errorFields(error),
      });
    }
    this.#services.log('session-ended', { session: session.session.id });
    for (const [key, each] of this.#sessions) if (each === session) this.#sessions.delete(key);
  }

  /** Watches a request's deadlines until it is called back. */
  watch(patience: Patience): () => void {
    this.#watched.add(patience);
    return () => {
      this.#watched.delete(patience);
      if (this.isQuiet) this.#onQuiet?.();
      if (this.#draining && this.isQuiet) this.#socket.end();
      const { bytesRead } = this.#socket;
      this.#quiet = { since: performance.now(), bytesRead, headSince: undefined };
    };
  }

  /** To be called every second: ends sessions whose credential has expired, and whatever takes too long. */
  sweep(now: number): void {
    for (const session of this.#sessions.values()) {
      const { expiresAt } = session.authenticated;
      if (expiresAt !== undefined && expiresAt <= Date.now()) this.endSession(session, 'expired');
    }
    const { limits } = this.#services;
    for (const patience of this.#watched) {
      if (patience.isOver(now, limits)) this.#cut(patience);
    }
    if (!this.isQuiet || !this.#quietTooLong(now)) return;
    if (this.#sayGoodbye === undefined || this.#saidGoodbye) this.#socket.destroy();
    else this.#sayGoodbye();
    this.#saidGoodbye = true;
  }

  /** Nothing that one caller does may end the sweep, which is everybody's. */
  #cut(patience: Patience): void {
    try {
      patience.cut();
    } catch (error) {
      this.#services.log('request-failed', { client: this.client, ...errorFields(error) });
      this.#socket.destroy();
    }
  }

  /** Without a request there is either nothing on the connection, or a head that has not come to its end. */
  #quietTooLong(now: number): boolean {
    const { idleSecondsMax, headSecondsMax } = this.#services.limits;
    const quiet = this.#quiet;
    const isHead = this.#sayGoodbye === undefined && this.#socket.bytesRead > quiet.bytesRead;
    if (isHead) quiet.headSince ??= now;
    if (quiet.headSince !== undefined) return now - quiet.headSince > headSecondsMax * 1000;
    return now - quiet.since > idleSecondsMax * 1000;
  }

  /** The connection closes as soon as no request is under way. */
  drain(): void {
    this.#draining = true;
    if (this.isQuiet) this.#socket.end();
  }

  /** Resolves when what was under way has noticed that the caller is gone, and has noted what came of it. */
  async settled(): Promise<void> {
    if (this.isQuiet) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      resolve(undefined);
    };
    const timer = setTimeout(wake, settleMsMax);
    this.#onQuiet = wake;
    await promise;
    clearTimeout(timer);
  }

  /** Ends all sessions; the socket is closed, or about to be. */
  end(reason: string): void {
    for (const session of [...this.#sessions.values()]) this.endSession(session, reason);
  }
}

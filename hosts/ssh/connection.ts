// One client's connection: who logged in, the session with its target, and what is asked for on it.

import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import type { Session } from '#engine';
import { errorFields, sessionId } from '#engine';

import type {
  AskedGlobally,
  AskedToOpen,
  GuardedClient,
  GuardedTarget,
  HostKeys,
  Leg,
  TransportEnd,
} from './guard/index.ts';
import { acceptClient } from './guard/index.ts';
import type { Caller } from './login/index.ts';
import { Login } from './login/index.ts';
import { dialTarget } from './dial-target.ts';
import type { SshServices } from './services.ts';
import type { Connected } from './session/connected.ts';
import { Counterparts } from './session/counterpart.ts';
import { forwardToCaller, forwardToTarget, listenOnTarget } from './session/forwards.ts';
import { Gate } from './session/gate.ts';
import { Listeners } from './session/listeners.ts';
import { SessionChannel } from './session/session-channel.ts';
import { SshSession } from './session/ssh-session.ts';
import type { Target } from './upstream/index.ts';
import type { LoginName } from './wire/index.ts';

export interface SshConnectionOptions {
  readonly services: SshServices;
  readonly socket: Socket;
  readonly hostKeys: HostKeys;
}

interface Found {
  readonly target: Target;
  /** The account on it. */
  readonly user: string;
}

/** Longest delay of a timer, about 25 days: connections live longer. */
const timerMsMax = 0x7fff_ffff;

export class SshConnection {
  readonly #services: SshServices;
  readonly #socket: Socket;
  readonly #login: Login;
  readonly #leg: Leg;
  readonly #ended = Promise.withResolvers<undefined>();
  #client: GuardedClient | undefined;
  #connected: Connected | undefined;
  #refusal: string | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #target: GuardedTarget | undefined;
  #reason = 'closed';
  #draining = false;
  /** Channels and forwards that are open. */
  #running = 0;

  constructor({ services, socket, hostKeys }: SshConnectionOptions) {
    const { engine, limits, log } = services;
    this.#services = services;
    this.#socket = socket;
    this.#login = new Login({
      holders: engine.authenticator,
      device: services.device,
      client: this.client,
      onRefused: (rule) => {
        log('login-refused', { client: this.client, rule });
      },
    });
    this.#leg = acceptClient(socket, {
      ...{ hostKeys, limits },
      authenticate: (attempt) => this.#login.attempt(attempt),
      onReady: (client) => {
        this.#begin(client);
      },
      onOpen: (asked) => {
        this.#open(asked);
      },
      onGlobalRequest: (asked) => {
        this.#ask(asked);
      },
      onEnd: (end) => {
        this.#end(end);
      },
    });
  }

  /** IP address; IPv4 as such even on an IPv6 listener, so that rules about networks hold. */
  get client(): string {
    return (this.#socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  }

  /** By which the caller logged in; nothing before. */
  get credential(): string | undefined {
    return this.#login.caller?.authenticated.credential;
  }

  /** Resolves when the connection and its session are over. */
  get ended(): Promise<unknown> {
    return this.#ended.promise;
  }

  /** Says goodbye; what was sent still arrives. */
  terminate(reason: string, text: string): void {
    this.#reason = reason;
    this.#leg.end(text);
  }

  /** Ends as soon as nothing runs on it. */
  drain(): void {
    this.#draining = true;
    if (this.#running === 0) this.terminate('drained', 'the gateway is shutting down');
  }

  #begin(client: GuardedClient): void {
    this.#client = client;
    const { caller } = this.#login;
    if (caller === undefined) {
      this.terminate('unauthenticated', 'nobody logged in');
      return;
    }
    const found = this.#find(caller.name);
    if (typeof found === 'string') {
      this.#refusal = found;
      return;
    }
    this.#expireAt(caller.authenticated.expiresAt);
    this.#connected = this.#connect(client, caller, found);
  }

  /** Only who has logged in learns which targets there are. */
  #find(name: LoginName | undefined): Found | string {
    if (name === undefined) return 'sallyport: log in as TARGET, or as USER@TARGET';
    const target = this.#services.targets.find(name.target);
    if (target === undefined) return `sallyport: there is no target '${name.target}'`;
    const user = target.accountOf(name.user);
    if (user !== undefined) return { target, user };
    return `sallyport: target ${name.target} has no account '${name.user ?? ''}'`;
  }

  #connect(client: GuardedClient, caller: Caller, { target, user }: Found): Connected | undefined {
    const { engine, log } = this.#services;
    const { principal } = caller.authenticated;
    const { name, labels } = target.config;
    const described: Session = {
      id: sessionId(randomUUID()),
      host: 'ssh',
      principal,
      target: { name, labels },
      client: this.client,
      clientPort: this.#socket.remotePort ?? 0,
      application: client.software,
      startedAt: Date.now(),
    };
    let session: SshSession;
    try {
      session = new SshSession({
        session: described,
        recorder: engine.openRecording(described),
        user,
      });
    } catch (error) {
      log('recording-failed', { session: described.id, ...errorFields(error) });
      this.#refusal = 'sallyport: the session cannot be recorded; an operator must free space';
      return undefined;
    }
    log('session-started', { session: described.id, principal: principal.id, target: name });
    const leg = this.#dial(target, session);
    return {
      services: this.#services,
      session,
      gate: new Gate(engine, session),
      permits: caller.permits,
      listeners: new Listeners(),
      forwardLoopback: target.config.forwardLoopback,
      terminalFilter: target.config.terminalFilter,
      hashesOutput: target.config.hashOutput,
      target: () => leg,
      counterparts: new Counterparts(() => leg),
      fail: (error) => {
        log('recording-failed', { session: described.id, ...errorFields(error) });
        this.terminate('record-failed', 'the session cannot be recorded any more');
      },
    };
  }

  /** Begun with the session; who needs it is told of its failure. */
  #dial(target: Target, session: SshSession): Promise<GuardedTarget> {
    const leg = dialTarget(target, {
      session,
      limits: this.#services.limits,
      onOpen: (asked) => {
        this.#openFromTarget(asked);
      },
      onEnd: () => {
        if (this.#target !== undefined) this.terminate('target-closed', 'the target has gone');
      },
    });
    leg.then(
      (opened) => {
        this.#target = opened;
        if (session.ending.aborted) opened.end();
      },
      (error: unknown) => {
        const { id } = session.session;
        this.#services.log('upstream-failed', { session: id, ...errorFields(error) });
      },
    );
    return leg;
  }

  #open(asked: AskedToOpen): void {
    const connected = this.#connected;
    if (connected === undefined) {
      const refusal = this.#refusal ?? 'sallyport: there is no session';
      asked.refuse('prohibited', refusal);
      return;
    }
    if (asked.type.kind !== 'session') {
      this.#runs(forwardToTarget(connected, asked));
      return;
    }
    const channel = asked.accept();
    if (channel === undefined) return;
    this.#runs(channel.gone);
    new SessionChannel(connected, channel);
  }

  /** Until it is over a gateway that shuts down waits for it. @param over Never rejects. */
  #runs(over: Promise<unknown>): void {
    this.#running += 1;
    void over.then(() => {
      this.#running -= 1;
      if (this.#draining) this.drain();
    });
  }

  #ask(asked: AskedGlobally): void {
    const { request, reply } = asked;
    const connected = this.#connected;
    if (connected === undefined) {
      reply({ granted: false });
      return;
    }
    switch (request.kind) {
      case 'listen':
      case 'listen-socket':
        void listenOnTarget(connected, { request, reply });
        return;
      case 'unlisten':
      case 'unlisten-socket':
        // Ends what was allowed.
        connected.target().then(
          async (target) => {
            reply(await connected.listeners.close(target, request));
          },
          () => {
            reply({ granted: false });
          },
        );
        return;
      case 'no-more-sessions':
      case 'other':
        reply({ granted: false });
    }
  }

  #openFromTarget(asked: AskedToOpen): void {
    const client = this.#client;
    const connected = this.#connected;
    if (client === undefined || connected === undefined) {
      asked.refuse('prohibited', 'nothing was asked for');
      return;
    }
    this.#runs(forwardToCaller(connected, (type) => client.open(type), asked));
  }

  #expireAt(at: number | undefined): void {
    if (at === undefined) return;
    const delay = at - Date.now();
    this.#expiry = setTimeout(
      () => {
        if (delay <= timerMsMax) this.terminate('expired', 'the credential has expired');
        else this.#expireAt(at);
      },
      Math.min(Math.max(0, delay), timerMsMax),
    );
  }

  #end(end: TransportEnd): void {
    clearTimeout(this.#expiry);
    const { log } = this.#services;
    const session = this.#connected?.session;
    if (end.kind === 'violation') {
      this.#reason = end.rule;
      log('connection-cut', { client: this.client, rule: end.rule, message: end.message });
    }
    if (session !== undefined) {
      try {
        session.end(this.#reason);
      } catch (error) {
        log('recording-failed', { session: session.session.id, ...errorFields(error) });
      }
      log('session-ended', { session: session.session.id });
    }
    this.#target?.end();
    this.#ended.resolve(undefined);
  }
}

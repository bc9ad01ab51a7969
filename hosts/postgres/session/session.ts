// One authenticated connection: two byte streams, one state. Owns both sockets, their backpressure and the end.

import type { Socket } from 'node:net';

import type { Engine, OperatorLog, Session, SessionRecorder } from '#engine';
import { UpstreamError, errorFields } from '#engine';

import type { TargetCatalog } from '../catalog/index.ts';
import type { FatalError } from '../refusal.ts';
import { encodeFatal, sqlstateOf } from '../refusal.ts';
import type { StatementRates } from '../statement-rates.ts';
import type { Upstream } from '../upstream.ts';
import { FrameReader, WireError, encodeBodyless, frontend } from '../wire/index.ts';
import { BudgetClock } from './budget-clock.ts';
import { ClientMessages } from './client-messages.ts';
import { Gate } from './gate.ts';
import { HoldDoor } from './hold.ts';
import { Judge } from './judge.ts';
import { BudgetSpent } from './meter.ts';
import { Outbox } from './outbox.ts';
import { SessionNames } from './session-names.ts';
import { ServerMessages } from './server-messages.ts';
import { SoFar } from './so-far.ts';
import { SessionState } from './state.ts';

export interface PostgresSessionOptions {
  readonly engine: Engine;
  readonly session: Session;
  readonly catalog: TargetCatalog;
  readonly recorder: SessionRecorder;
  readonly client: Socket;
  readonly upstream: Upstream;
  /** Cancels what the upstream connection does now; resolves when it is done. Never rejects. */
  readonly cancelUpstream: () => Promise<void>;
  readonly rates: StatementRates;
  readonly log: OperatorLog;
}

/** What the client sent while a catalog is read; then it is paused. */
const backlogBytesMax = 256 * 1024;
/** What it sent behind a held statement: paused, nobody would see it leave, and its statement could still run. */
const heldBytesMax = 1024 * 1024;
/** For the target to take the last words; then the connection is cut, whatever it still sends. */
const lingerMilliseconds = 1000;
const adminShutdown = '57P01';

export class PostgresSession {
  readonly #options: PostgresSessionOptions;
  readonly #state: SessionState;
  readonly #clientMessages: ClientMessages;
  readonly #serverMessages: ServerMessages;
  readonly #clientReader: FrameReader;
  readonly #serverReader: FrameReader;
  readonly #hold: HoldDoor;
  readonly #ended = Promise.withResolvers<undefined>();
  /** Chunks that wait because a message before them is not settled yet. */
  #backlog: Buffer[] = [];
  #backlogBytes = 0;
  #waiting = false;
  #upstreamFull = false;
  #draining = false;
  #closed = false;

  constructor(options: PostgresSessionOptions) {
    const { engine, session, catalog, recorder, client, upstream } = options;
    const { messageBytesMax, writeBufferBytesMax } = engine.limits;
    const names = new SessionNames();
    this.#options = options;
    const soFar = new SoFar();
    this.#state = new SessionState({
      engine,
      session,
      catalog,
      recorder,
      names,
      judge: new Judge({ engine, session, catalog, names, soFar }),
      soFar,
      toClient: new Outbox(client, writeBufferBytesMax),
      toUpstream: new Outbox(upstream.socket, writeBufferBytesMax),
      parameters: upstream.parameters,
      rates: options.rates,
      clock: this.#clock(),
      cancelUpstream: options.cancelUpstream,
    });
    this.#hold = new HoldDoor(this.#state, () => {
      this.#flush();
      this.#resumeClient();
    });
    this.#clientMessages = new ClientMessages(this.#state, new Gate(this.#state, this.#hold));
    this.#serverMessages = new ServerMessages(this.#state);
    this.#clientReader = new FrameReader({
      direction: 'frontend',
      bytesMax: () => messageBytesMax,
    });
    // A row may be as large as PostgreSQL makes it (1 GiB): unmasked it passes in pieces.
    const streamed = (type: number) => this.#serverMessages.streams(type);
    this.#serverReader = new FrameReader({
      direction: 'backend',
      bytesMax: (type) => (streamed(type) ? 0x7fff_ffff : messageBytesMax),
      streams: streamed,
    });
  }

  #clock(): BudgetClock {
    return new BudgetClock({
      now: () => performance.now(),
      onOver: (meter) => {
        this.#state.stop(meter);
      },
      onStuck: (meter) => {
        this.#fail(new BudgetSpent(meter));
      },
    });
  }

  /** Relays until either side ends; resolves when both are told and the recording is closed. */
  async run(): Promise<void> {
    const { client, upstream } = this.#options;
    client.on('data', (chunk: Buffer) => {
      this.#onClientData(chunk);
    });
    client.on('end', () => {
      this.#clientGone();
    });
    client.on('close', () => {
      this.#clientGone();
    });
    client.on('error', () => {
      this.#clientGone();
    });
    client.on('drain', () => {
      upstream.socket.resume();
    });
    upstream.socket.on('data', (chunk: Buffer) => {
      this.#onServerData(chunk);
    });
    upstream.socket.on('close', () => {
      this.#targetClosed();
    });
    upstream.socket.on('error', (error) => {
      if (this.#serverMessages.saidFatal) this.#targetClosed();
      this.#fail(
        new UpstreamError('upstream-broken', 'the connection to the target broke', {
          cause: error,
        }),
      );
    });
    upstream.socket.on('drain', () => {
      this.#upstreamFull = false;
      this.#resumeClient();
    });
    await this.#ended.promise;
  }

  /** A verified cancel request: withdraws a held statement, else goes on to the target. */
  cancel(): void {
    if (this.#hold.isHolding) this.#hold.cancel();
    else if (this.#state.pipeline.length > 0) void this.#options.cancelUpstream();
  }

  /** Ends the session at its next quiet moment: idle, outside a transaction. */
  drain(): void {
    this.#draining = true;
    this.#endIfQuiet();
  }

  /** Ends the session now, for example because its credential is no longer valid. */
  terminate(reason: string, message: string): void {
    this.#end(reason, { code: '28000', message });
  }

  #onClientData(chunk: Buffer): void {
    if (this.#closed) return;
    if (!this.#waiting) {
      this.#relay(chunk);
      return;
    }
    this.#backlog.push(chunk);
    this.#backlogBytes += chunk.length;
    if (this.#hold.isHolding) this.#boundHeld();
    else if (this.#backlogBytes > backlogBytesMax) this.#options.client.pause();
  }

  #boundHeld(): void {
    if (this.#backlogBytes <= heldBytesMax) return;
    this.#fail(new WireError('message-too-large', 'too much was sent behind a held statement'));
  }

  /** Handles what is left of the last chunk, or the next, and all that waits behind it. */
  #relay(arrived?: Buffer): void {
    try {
      if (arrived !== undefined) this.#read(arrived);
      while (!this.#handleFrames()) {
        const chunk = this.#backlog.shift();
        if (chunk === undefined) break;
        this.#backlogBytes -= chunk.length;
        this.#read(chunk);
      }
      this.#flush();
      if (this.#clientMessages.terminated) this.#end('client-terminated');
    } catch (error) {
      this.#fail(error);
    }
  }

  #read(chunk: Buffer): void {
    this.#state.turn += 1;
    this.#clientReader.push(chunk);
  }

  /** Handles whole messages; true when one of them must settle first. */
  #handleFrames(): boolean {
    const reader = this.#clientReader;
    while (!this.#clientMessages.terminated && reader.next()) {
      const frame = reader.buffer.subarray(reader.start, reader.end);
      const unsettled = this.#clientMessages.handle(reader.type, frame);
      if (unsettled === undefined) continue;
      this.#waiting = true;
      unsettled.then(
        () => {
          this.#waiting = false;
          if (this.#closed) return;
          this.#relay();
          this.#resumeClient();
        },
        (error: unknown) => {
          this.#fail(error);
        },
      );
      return true;
    }
    return false;
  }

  #onServerData(chunk: Buffer): void {
    if (this.#closed) return;
    try {
      this.#serverReader.push(chunk);
      while (this.#serverReader.next()) this.#serverMessages.handle(this.#serverReader);
      this.#serverMessages.flushRows();
      // Nobody should be asked about a statement that the server would skip.
      if (this.#state.skipping) this.#hold.cancel();
      this.#state.noteRoom();
      this.#flush();
      if (this.#draining) this.#endIfQuiet();
    } catch (error) {
      this.#fail(error);
    }
  }

  #flush(): void {
    this.#state.lookAtClock();
    if (!this.#state.toUpstream.flush()) {
      this.#upstreamFull = true;
      this.#options.client.pause();
    }
    if (!this.#state.toClient.flush()) this.#options.upstream.socket.pause();
  }

  #resumeClient(): void {
    const gathered = this.#waiting && !this.#hold.isHolding;
    const full = this.#upstreamFull || (gathered && this.#backlogBytes > backlogBytesMax);
    if (!full && !this.#closed) this.#options.client.resume();
  }

  #endIfQuiet(): void {
    const { pipeline, transaction } = this.#state;
    if (this.#waiting || pipeline.length > 0 || transaction !== 'idle') return;
    this.#end('drained', { code: adminShutdown, message: 'the gateway is stopping' });
  }

  #targetClosed(): void {
    const fatal = { code: '08006', message: 'the target closed the connection' };
    // A client that has read the server's own last words expects no others.
    this.#end('target-closed', this.#serverMessages.saidFatal ? undefined : fatal);
  }

  #clientGone(): void {
    this.#end('client-closed');
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    const { log, session } = this.#options;
    log('session-failed', { session: session.id, ...errorFields(error) });
    this.#end('failed', fatalOf(error));
  }

  #end(reason: string, fatal?: FatalError): void {
    if (this.#closed) return;
    this.#closed = true;
    const { client, upstream, recorder, log, session } = this.#options;
    this.#hold.abandon();
    this.#state.clock.stop();
    this.#state.setCopy('none');
    this.#state.noteCommit();
    if (fatal !== undefined && client.writable) client.write(encodeFatal(fatal));
    client.end();
    if (upstream.socket.writable) upstream.socket.end(encodeBodyless(frontend.terminate));
    upstream.socket.resume();
    client.resume();
    // Nobody waits for the rest of a result, and a target that never closes must not be waited for.
    setTimeout(() => {
      upstream.socket.destroy();
    }, lingerMilliseconds).unref();
    try {
      recorder.note({ type: 'session-end', reason });
      recorder.close();
    } catch (error) {
      log('recording-failed', { session: session.id, ...errorFields(error) });
    }
    this.#ended.resolve(undefined);
  }
}

function fatalOf(error: unknown): FatalError {
  if (error instanceof WireError) {
    return { code: '08P01', message: error.message };
  }
  if (error instanceof BudgetSpent) {
    const { code, message, hint } = error.refusal;
    return { code: sqlstateOf(code), message, hint };
  }
  if (error instanceof UpstreamError) {
    return { code: '08006', message: error.message, hint: error.hint };
  }
  return { code: 'XX000', message: 'internal error; the session ends, nothing was forwarded' };
}

// What both directions of one session know of each other.

import type { Engine, Session, SessionRecorder } from '#engine';

import type { TargetCatalog } from '../catalog/index.ts';
import type { LexerSettings } from '../sql/index.ts';
import type { StatementRates } from '../statement-rates.ts';
import type { TransactionStatus } from '../wire/index.ts';
import { encodeBodyless, frontend } from '../wire/index.ts';
import type { BudgetClock } from './budget-clock.ts';
import type { Judge } from './judge.ts';
import type { Meter } from './meter.ts';
import { meterOf } from './meter.ts';
import type { Outbox } from './outbox.ts';
import type { Definition, Permission } from './permission.ts';
import type { SoFar } from './so-far.ts';
import { Pipeline, entriesMax } from './pipeline.ts';
import type { SessionNames } from './session-names.ts';

export interface SessionStateOptions {
  readonly engine: Engine;
  readonly session: Session;
  readonly judge: Judge;
  readonly names: SessionNames;
  readonly catalog: TargetCatalog;
  readonly recorder: SessionRecorder;
  readonly toClient: Outbox;
  readonly toUpstream: Outbox;
  readonly parameters: ReadonlyMap<string, string>;
  readonly soFar: SoFar;
  readonly rates: StatementRates;
  readonly clock: BudgetClock;
  /** Cancels what the target does for this session; resolves when that can hit nothing later. Never rejects. */
  readonly cancelUpstream: () => Promise<void>;
}

/** `copy-wait`: a COPY FROM STDIN was forwarded and the server has not said yet that it wants data. */
export type CopyPhase = 'none' | 'copy-wait' | 'copy-in';

export class SessionState {
  readonly engine: Engine;
  readonly session: Session;
  readonly judge: Judge;
  readonly catalog: TargetCatalog;
  readonly recorder: SessionRecorder;
  readonly toClient: Outbox;
  readonly toUpstream: Outbox;
  readonly soFar: SoFar;
  readonly rates: StatementRates;
  readonly clock: BudgetClock;
  readonly pipeline = new Pipeline();
  readonly names: SessionNames;
  readonly #parameters: Map<string, string>;
  transaction: TransactionStatus = 'idle';
  /** The server failed in the extended protocol and ignores what comes before the next Sync; so must we. */
  skipping = false;
  /** A guarded statement was forwarded in the transaction that is open, or comes next. */
  guarded = false;
  /** Counts the chunks from the client. */
  turn = 0;
  /** DDL was forwarded and may be committed from now on. */
  #catalogChanges = false;
  /** Counts statements that may have opened a cursor. */
  cursorsOpened = 0;
  readonly #cancelUpstream: () => Promise<void>;
  #cancelling: Promise<undefined> | undefined;
  #stopped: Meter | undefined;
  #isMetered = false;
  #copy: CopyPhase = 'none';
  #copyAnswered: (() => void) | undefined;
  #roomMade: (() => void) | undefined;
  #allAnswered: (() => void) | undefined;
  #settingsAtRisk = false;
  #frameOpen = false;
  #deferred: Buffer[] = [];

  constructor(options: SessionStateOptions) {
    this.engine = options.engine;
    this.session = options.session;
    this.judge = options.judge;
    this.names = options.names;
    this.catalog = options.catalog;
    this.recorder = options.recorder;
    this.toClient = options.toClient;
    this.toUpstream = options.toUpstream;
    this.#parameters = new Map(options.parameters);
    this.soFar = options.soFar;
    this.rates = options.rates;
    this.clock = options.clock;
    this.#cancelUpstream = options.cancelUpstream;
  }

  /** The meter of what is permitted now, and from here on somebody looks at the clock. */
  meter(permission: Permission, before?: Meter): Meter | undefined {
    const meter = meterOf(permission, before);
    if (meter !== undefined) this.#isMetered = true;
    return meter;
  }

  /** To be called when something was sent to the target, or it answered. */
  lookAtClock(): void {
    if (this.#isMetered) this.clock.look(this.pipeline.running);
  }

  /** A budget is spent: what spent it is cancelled at the target, once. */
  stop(meter: Meter): void {
    if (this.#stopped === meter) return;
    this.#stopped = meter;
    this.clock.awaitEnd(meter);
    this.#cancelling = this.#cancelUpstream().then(() => (this.#cancelling = undefined));
  }

  /** While a cancel request is under way nothing may be sent that it could hit. */
  get cancelling(): Promise<undefined> | undefined {
    return this.#cancelling;
  }

  /** Sends a message of the gateway's own: at once, or behind the frame that is passing in pieces. */
  tellClient(bytes: Buffer): void {
    if (this.#frameOpen) this.#deferred.push(bytes);
    else this.toClient.push(bytes);
  }

  /** A frame from the server begins or ends to pass in pieces. */
  setFrameOpen(open: boolean): void {
    this.#frameOpen = open;
    if (open) return;
    for (const bytes of this.#deferred) this.toClient.push(bytes);
    this.#deferred = [];
  }

  /**
   * As the server last reported them. Unproven while a statement is under way that may change them: what is
   * pipelined behind it would be parsed by us before we hear how the server will read it.
   */
  get settings(): LexerSettings {
    if (this.#settingsAtRisk)
      return { standardConformingStrings: undefined, clientEncoding: undefined };
    return {
      standardConformingStrings: this.#parameters.get('standard_conforming_strings'),
      clientEncoding: this.#parameters.get('client_encoding'),
    };
  }

  /** A statement that may change settings is forwarded. */
  riskSettings(): void {
    this.#settingsAtRisk = true;
  }

  /** A Sync is forwarded: what comes behind it is not skipped with what came before. */
  endSection(): void {
    this.skipping = false;
    this.names.endSection();
  }

  /** The server is ready and has reported every change (PostgreSQL "Asynchronous Operations"). */
  becameReady(status: TransactionStatus): void {
    this.transaction = status;
    this.soFar.transaction = status;
    const quiet = this.pipeline.length === 0;
    if (quiet) this.#settingsAtRisk = false;
    if (quiet && status === 'idle') this.guarded = false;
    if (status === 'idle') this.noteCommit();
    if (status === 'idle') this.names.endTransaction();
  }

  /** The server confirmed what SQL put under a name: whatever was judged by that name before was judged by another. */
  define(definition: Definition): void {
    this.names.define(definition);
    this.turn += 1;
  }

  /** DDL is forwarded; what it makes is visible to others once its transaction has ended. */
  changeCatalog(): void {
    this.#catalogChanges = true;
  }

  /** A transaction ended, or the session did and may leave one to be ended by the server. */
  noteCommit(): void {
    if (!this.#catalogChanges) return;
    this.#catalogChanges = false;
    this.catalog.invalidate();
  }

  setParameter(name: string, value: string): void {
    this.#parameters.set(name, value);
  }

  get copy(): CopyPhase {
    return this.#copy;
  }

  /** Resolves when the server has answered half of what it owes. */
  awaitRoom(): Promise<undefined> {
    return new Promise((resolve) => {
      this.#roomMade = () => {
        resolve(undefined);
      };
    });
  }

  /** Resolves when the server has answered all that it was sent. */
  awaitAnswers(): Promise<undefined> {
    if (this.pipeline.length === 0) return Promise.resolve(undefined);
    this.toUpstream.push(encodeBodyless(frontend.flush));
    this.toUpstream.flush();
    return new Promise((resolve) => {
      this.#allAnswered = () => {
        resolve(undefined);
      };
    });
  }

  /** Answers went out: whoever waits for them, or for room, may go on. */
  noteRoom(): void {
    if (this.pipeline.length === 0) {
      this.#allAnswered?.();
      this.#allAnswered = undefined;
    }
    if (this.#roomMade === undefined || this.pipeline.length > entriesMax / 2) return;
    this.#roomMade();
    this.#roomMade = undefined;
  }

  /** Resolves when the server either wants the data or ended the statement. */
  awaitCopy(): Promise<undefined> {
    this.#copy = 'copy-wait';
    // Whoever waits for the answer must have sent the question, also behind a hold or a comparison of catalogs.
    this.toUpstream.flush();
    return new Promise((resolve) => {
      this.#copyAnswered = () => {
        resolve(undefined);
      };
    });
  }

  setCopy(phase: Exclude<CopyPhase, 'copy-wait'>): void {
    this.#copy = phase;
    this.#copyAnswered?.();
    this.#copyAnswered = undefined;
  }
}

// Target to client, one message at a time: every answer is attributed to what was asked, rows are masked,
// refusals take the place of the errors that stand for them. What cannot be attributed ends the session.

import { UpstreamError } from '#engine';

import { encodeRefusal } from '../refusal.ts';
import type {
  BackendType,
  FrameReader,
  FrameView,
  RowRewriter,
  ServerReport,
  TransactionStatus,
} from '../wire/index.ts';
import {
  backend,
  decodeCommandComplete,
  decodeCopyResponse,
  decodeNotificationResponse,
  decodeParameterStatus,
  decodeReadyForQuery,
  decodeRowDescription,
  decodeServerReport,
  encodeNotificationResponse,
  reportField,
  typeTable,
} from '../wire/index.ts';
import { provenSafe } from '../sql/index.ts';
import { CopyMasker } from './copy-masks.ts';
import { completedEntry } from './evidence.ts';
import { endCall } from './function-calls.ts';
import { guardedError } from './guarded-reports.ts';
import type { Permission } from './permission.ts';
import type { Entry, ExecuteEntry, QueryEntry } from './pipeline.ts';
import type { ResultPlan } from './result-masks.ts';
import { planResult, rowMasker } from './result-masks.ts';
import { Spending, meterOf } from './spending.ts';
import type { SessionState } from './state.ts';

const rowRun = typeTable([backend.dataRow]);
const copyRun = typeTable([backend.copyData]);
const undescribed: ResultPlan = { kind: 'contradiction', why: 'rows came without a description' };

export class ServerMessages {
  readonly #state: SessionState;
  /** How the rows of the result that passes now, or comes next, are treated. */
  #plan: ResultPlan = undescribed;
  #masker: RowRewriter | undefined;
  #copyMasker: CopyMasker | 'clear' | undefined;
  /** How many statements of the query that is answered now are done. */
  #statement = 0;
  readonly #spending: Spending;
  #saidFatal = false;

  constructor(state: SessionState) {
    this.#state = state;
    this.#spending = new Spending(state);
  }

  /** The client was told by the server that the connection ends. */
  get saidFatal(): boolean {
    return this.#saidFatal;
  }

  /** Whether a large frame of the type may pass in pieces: masked rows must be seen whole. */
  streams(type: number): boolean {
    if (type !== backend.copyData && type !== backend.dataRow) {
      return type === backend.functionCallResponse;
    }
    return this.#masksOf(this.#state.pipeline.first) === undefined;
  }

  /** Throws UpstreamError or WireError when the server says what it may not say here. */
  handle(reader: FrameReader): void {
    if (!reader.opens) {
      if (!this.#spending.dropsPieces) this.#pass(reader);
      if (reader.closes) this.#state.setFrameOpen(false);
      return;
    }
    this.#spending.open();
    if (!reader.closes) this.#state.setFrameOpen(true);
    switch (reader.type as BackendType) {
      case backend.dataRow:
        return this.#onRow(reader);
      case backend.copyData:
        return this.#onCopyData(reader);
      case backend.functionCallResponse:
        return this.#pass(endCall(this.#state, this.#spending, reader, this.#answering('call')));
      default:
        return this.#onMessage(reader);
    }
  }

  #pass({ buffer, start, end }: FrameView): void {
    if (end > start) this.#state.toClient.pass(buffer, start, end);
  }

  #onRow(reader: FrameReader): void {
    const entry = this.#answering('query', 'execute');
    this.#refuseContradiction(entry);
    if (this.#masksOf(entry) === undefined) {
      this.#state.soFar.rows += 1 + reader.extend(rowRun);
      this.#pass(this.#spending.affordable(reader, entry));
      return;
    }
    switch (this.#plan.kind) {
      case 'clear':
        this.#state.soFar.rows += 1 + reader.extend(rowRun);
        this.#pass(this.#spending.affordable(reader, entry));
        return;
      case 'masked':
        this.#masker ??= rowMasker(this.#state.engine, this.#plan.columns);
        this.#state.soFar.rows += 1 + reader.extend(rowRun);
        this.#masker.rewrite(this.#spending.affordable(reader, entry));
        return;
      case 'contradiction':
        this.#state.catalog.refreshSoon();
        throw new UpstreamError('upstream-broken', this.#plan.why, {
          hint: 'the catalog is read again: connect again and repeat the statement',
        });
    }
  }

  /** Masked rows leave in large pieces: at the end of a chunk, and before anything else is said. */
  flushRows(): void {
    if (this.#masker === undefined && this.#copyMasker === undefined) return;
    const copied = this.#copyMasker === 'clear' ? undefined : this.#copyMasker?.take();
    for (const rows of [this.#masker?.take(), copied]) {
      if (rows !== undefined && rows.length > 0) this.#state.toClient.push(rows);
    }
  }

  #onCopyData(reader: FrameReader): void {
    const entry = this.#answering('query', 'execute');
    if (entry.permission?.copy !== 'out') throw unexpected('copy data');
    if (this.#masksOf(entry) !== undefined) {
      if (this.#copyMasker === undefined) throw unexpected('copy data');
      if (this.#copyMasker === 'clear') {
        this.#pass(this.#spending.affordable(reader, entry));
        return;
      }
      this.#state.soFar.rows += 1 + reader.extend(copyRun);
      this.#copyMasker.rewrite(this.#spending.affordable(reader, entry));
      return;
    }
    this.#state.soFar.rows += 1 + reader.extend(copyRun);
    this.#pass(this.#spending.affordable(reader, entry));
  }

  #onMessage(reader: FrameReader): void {
    this.flushRows();
    const { type } = reader;
    switch (type as BackendType) {
      case backend.rowDescription:
      case backend.noData:
        return this.#onDescription(type, reader);
      case backend.commandComplete:
      case backend.emptyQueryResponse:
      case backend.portalSuspended:
        return this.#onComplete(type, reader);
      case backend.errorResponse:
        return this.#onError(frameOf(reader));
      case backend.readyForQuery:
        return this.#onReady(reader);
      case backend.parseComplete:
        return this.#onNamed('parse', reader);
      case backend.bindComplete:
        return this.#onNamed('bind', reader);
      case backend.closeComplete:
        return this.#onNamed('close', reader);
      case backend.parameterDescription:
        this.#answering('describe');
        return this.#forward(reader);
      case backend.copyInResponse:
      case backend.copyOutResponse:
        return this.#onCopyStart(type === backend.copyInResponse ? 'in' : 'out', reader);
      case backend.copyDone:
        if (this.#answering('query', 'execute').meter?.spent === undefined) this.#forward(reader);
        return;
      case backend.noticeResponse:
        // Notices are free text of functions and triggers: under masks none passes.
        if (!this.#isGuarded(this.#state.pipeline.first)) this.#forwardReport(frameOf(reader));
        return;
      case backend.notificationResponse:
        return this.#onNotification(frameOf(reader));
      case backend.parameterStatus: {
        const frame = frameOf(reader);
        const { name, value } = decodeParameterStatus(frame);
        this.#state.setParameter(name, value);
        return this.#forwardReport(frame);
      }
      default:
        throw unexpected(`message 0x${type.toString(16)}`);
    }
  }

  #forward(view: FrameView): void {
    if (!this.#spending.isMuted) this.#pass(view);
  }

  #tell(frame: Buffer): void {
    if (!this.#spending.isMuted) this.#state.toClient.push(frame);
  }

  #forwardReport(frame: Buffer): void {
    if (this.#spending.affords(frame)) this.#tell(frame);
  }

  /** Triggers notify of whole rows, so under masks a payload says nothing; the program learns that it was notified. */
  #onNotification(frame: Buffer): void {
    const { processId, channel, channelBytes, payloadBytes } = decodeNotificationResponse(frame);
    const isEmpty = payloadBytes.length === 0;
    if (isEmpty || !this.#state.judge.guardsNotifications(channel)) {
      return this.#forwardReport(frame);
    }
    this.#forwardReport(
      encodeNotificationResponse({ processId, channel: channelBytes, payload: '' }),
    );
  }

  #onDescription(type: number, view: FrameView): void {
    const entry = this.#answering('query', 'describe');
    this.#refuseContradiction(entry);
    const { pipeline } = this.#state;
    if (entry.kind === 'query') {
      this.#planFrom(view, entry.permission);
      return this.#forward(view);
    }
    pipeline.shift();
    if (!entry.hidden) return this.#forward(view);
    if (type === backend.noData) this.#plan = { kind: 'clear' };
    else this.#planFrom(view, permissionOf(pipeline.first));
  }

  #planFrom(view: FrameView, permission: Permission | undefined): void {
    this.#masker = undefined;
    if (permission?.masks === undefined) return;
    const masks = permission.masks[this.#statement];
    const { catalog = this.#state.catalog.current } = permission;
    this.#plan =
      masks === undefined
        ? { kind: 'clear' }
        : planResult(decodeRowDescription(frameOf(view)), masks, catalog);
  }

  #onComplete(type: number, view: FrameView): void {
    const entry = this.#answering('query', 'execute');
    this.#refuseContradiction(entry);
    this.#endResult();
    if (entry.meter?.spent !== undefined) {
      this.#spending.completeOverspent(entry, entry.meter, this.#statement);
      return;
    }
    if (type === backend.commandComplete) this.#noteOutcome(frameOf(view), entry);
    if (type === backend.commandComplete) this.#noteName(entry);
    if (entry.kind === 'execute') this.#state.pipeline.shift();
    else this.#statement += 1;
    this.#forward(view);
  }

  #endResult(): void {
    this.#plan = undescribed;
    this.#masker = undefined;
    this.#copyMasker = undefined;
    // Nothing is sent behind a COPY that waits, so it is the last entry; an earlier one's end is not its own.
    if (this.#state.copy !== 'none' && this.#state.pipeline.length <= 1)
      this.#state.setCopy('none');
  }

  #noteName({ permission }: QueryEntry | ExecuteEntry): void {
    const definition = permission?.defines?.[this.#statement];
    if (definition !== undefined) this.#state.define(definition);
  }

  #noteOutcome(frame: Buffer, { permission }: QueryEntry | ExecuteEntry): void {
    const tag = decodeCommandComplete(frame);
    this.#state.recorder.note(completedEntry(tag, permission?.decisions ?? []));
  }

  #onError(frame: Buffer): void {
    const { pipeline, recorder } = this.#state;
    const entry = pipeline.first;
    const report = decodeServerReport(frame);
    const sqlstate = reportField(report, 'code') ?? '';
    this.#endResult();
    this.#statement = 0;
    const refused = entry !== undefined && 'refused' in entry ? entry.refused : undefined;
    const meter = meterOf(entry);
    if (meter?.spent !== undefined) {
      this.#spending.fail(meter);
    } else if (refused === undefined || refused === 'missing') {
      this.#state.soFar.failed += 1;
      recorder.note({ type: 'outcome', error: sqlstate });
      this.#saidFatal ||= endsConnection(report);
      this.#tell(this.#isGuarded(entry) ? guardedError(report, this.#isSilent(entry)) : frame);
    } else {
      this.#tell(encodeRefusal(refused));
    }
    if (entry === undefined || entry.kind === 'query' || entry.kind === 'sync') return;
    const skipped = pipeline.skipToSync();
    this.#state.skipping = pipeline.first === undefined;
    if (this.#state.skipping && this.#state.copy !== 'none') this.#state.setCopy('none');
    for (const names of ['statements', 'portals'] as const) {
      const count = skipped.filter((each) => 'names' in each && each.names === names).length;
      this.#state.names[names].discard(count);
    }
  }

  #onReady(view: FrameView): void {
    this.#answering('query', 'sync');
    this.#state.pipeline.shift();
    this.#statement = 0;
    const status: TransactionStatus = decodeReadyForQuery(frameOf(view));
    this.#state.becameReady(status);
    this.#spending.becameReady();
    this.#forward(view);
  }

  #onNamed(kind: 'parse' | 'bind' | 'close', view: FrameView): void {
    const entry = this.#answering(kind);
    this.#refuseContradiction(entry);
    this.#state.pipeline.shift();
    this.#state.names[entry.names].confirm();
    this.#forward(view);
  }

  #onCopyStart(direction: 'in' | 'out', view: FrameView): void {
    const entry = this.#answering('query', 'execute');
    if (entry.permission?.copy !== direction) throw unexpected(`a COPY ${direction}`);
    if (direction === 'in') this.#state.setCopy('copy-in');
    else this.#maskCopy(frameOf(view), entry.permission);
    this.#forward(view);
  }

  #maskCopy(frame: Buffer, permission: Permission): void {
    const masks = permission.masks?.[0];
    if (masks === undefined) return;
    const { engine, settings } = this.#state;
    const { format, columnFormats } = decodeCopyResponse(frame);
    if (masks.columns?.length !== columnFormats.length) throw unexpected('other columns');
    if (masks.columns.every(({ strategy }) => strategy === undefined)) {
      this.#copyMasker = 'clear';
      return;
    }
    // In other encodings a byte of a character may look like a delimiter.
    if (format !== 0 || !provenSafe(settings)) throw unexpected('a COPY of another format');
    this.#copyMasker = new CopyMasker(engine, masks);
  }

  /** Deferred triggers and constraints speak at Sync or COMMIT of what guarded statements did before. */
  #isGuarded(entry: Entry | undefined): boolean {
    switch (entry?.kind) {
      case 'parse':
      case 'bind':
      case 'close':
      case 'describe':
        return false;
      default:
        return permissionOf(entry)?.guarded === true || this.#state.guarded;
    }
  }

  /** Whether an error may quote masked values under any code. */
  #isSilent(entry: Entry | undefined): boolean {
    return permissionOf(entry)?.silent === true;
  }

  #masksOf(entry: Entry | undefined): Permission['masks'] {
    return permissionOf(entry)?.masks;
  }

  /** The entry that is answered now, which must be of the one kind or the other. */
  #answering<Kind extends Entry['kind']>(kind: Kind, other = kind): Entry & { kind: Kind } {
    const entry = this.#state.pipeline.first;
    if (entry?.kind !== kind && entry?.kind !== other) {
      throw unexpected(`an answer to ${kind === other ? kind : `${kind} or ${other}`}`);
    }
    return entry as Entry & { kind: Kind };
  }

  /** What was refused was replaced by what must fail; names of the gateway's own may exist as cursors of SQL. */
  #refuseContradiction(entry: Entry): void {
    if ('refused' in entry && entry.refused !== undefined) throw unexpected('success');
  }
}

const frameOf = ({ buffer, start, end }: FrameView): Buffer => buffer.subarray(start, end);

const endsConnection = (report: ServerReport): boolean =>
  ['FATAL', 'PANIC'].includes(reportField(report, 'severityName') ?? '');

function permissionOf(entry: Entry | undefined): Permission | undefined {
  return entry !== undefined && 'permission' in entry ? entry.permission : undefined;
}

function unexpected(what: string): UpstreamError {
  return new UpstreamError('upstream-broken', `the target sent ${what} where it may not`);
}

// What becomes of answers under a budget: rows pass as far as it goes, then the target is told to stop and the client
// that the budget is spent, with the true state of the transaction.

import { encodeRefusal, sqlstateOf } from '../refusal.ts';
import type { FrameReader, FrameView } from '../wire/index.ts';
import type { Meter } from './meter.ts';
import { BudgetSpent } from './meter.ts';
import type { Entry, RunEntry } from './pipeline.ts';
import type { SessionState } from './state.ts';

export class Spending {
  readonly #state: SessionState;
  #dropsPieces = false;
  #isMuted = false;

  constructor(state: SessionState) {
    this.#state = state;
  }

  /** The pieces that come belong to a row that no budget was left for. */
  get dropsPieces(): boolean {
    return this.#dropsPieces;
  }

  /** The client was told before the target stopped: what it is answered up to ReadyForQuery is not for the client. */
  get isMuted(): boolean {
    return this.#isMuted;
  }

  /** A frame begins that no budget has been asked for. */
  open(): void {
    this.#dropsPieces = false;
  }

  /** As much of a run of rows as the budget leaves. */
  affordable(reader: FrameReader, { meter }: RunEntry): FrameView {
    if (meter === undefined) return reader;
    const { buffer, start } = reader;
    const end = meter.spendRows(reader);
    this.#dropsPieces = end === start;
    if (meter.spent !== undefined) this.#state.stop(meter);
    return { buffer, start, end };
  }

  /** Whether what code of the target says beside rows may pass: it counts like them. */
  affords(frame: Buffer): boolean {
    const { first } = this.#state.pipeline;
    const meter = meterOf(first);
    meter?.spendBytes(frame.length);
    if (meter?.spent === undefined) return true;
    this.#state.stop(meter);
    return false;
  }

  /** The error of what was stopped, once. */
  fail({ spent }: Meter): void {
    if (spent === undefined || this.#isMuted) return;
    const { code, message } = spent;
    const error = sqlstateOf(code);
    this.#state.recorder.note({ type: 'outcome', error, refused: { code, message } });
    this.#state.toClient.push(encodeRefusal(spent));
  }

  /**
   * It ended before it could be cancelled. An error of ours undoes nothing and stops nothing at the target: nothing that
   * the client would believe to be skipped by it may be under way.
   *
   * @param done How many statements of its text were answered before.
   * @throws BudgetSpent where something is.
   */
  completeOverspent(entry: RunEntry, meter: Meter, done: number): void {
    const { pipeline } = this.#state;
    if (entry.kind !== 'query') pipeline.shift();
    const { entries, hasSync } = pipeline.upToSync();
    const goesOn =
      entry.kind === 'query'
        ? done + 1 < meter.bounds.statements
        : entries.some(({ kind }) => kind !== 'describe' && kind !== 'close');
    this.fail(meter);
    if (goesOn) throw new BudgetSpent(meter);
    this.#isMuted = true;
    if (entry.kind !== 'query') this.#state.skipping = !hasSync;
  }

  /** The target has answered all that the client waits for. */
  becameReady(): void {
    this.#isMuted = false;
  }
}

export function meterOf(entry: Entry | undefined): Meter | undefined {
  return entry !== undefined && 'meter' in entry ? entry.meter : undefined;
}

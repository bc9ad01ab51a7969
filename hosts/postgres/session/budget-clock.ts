// Stops the statement that runs now when the seconds of its budget are over, and the session when it cannot be stopped.

import type { RunEntry } from './pipeline.ts';
import type { Meter } from './meter.ts';

/** Longest delay of a timer; a longer budget bounds nothing that lasts. */
const timerMillisecondsMax = 0x7fff_ffff;
/** For a cancelled statement to end. */
const graceMilliseconds = 10_000;

export interface BudgetClockOptions {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The seconds of what runs now are over. */
  readonly onOver: (meter: Meter) => void;
  /** It still runs although it was told to stop. */
  readonly onStuck: (meter: Meter) => void;
}

export class BudgetClock {
  readonly #options: BudgetClockOptions;
  #running: Meter | undefined;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BudgetClockOptions) {
    this.#options = options;
  }

  /** To be called when what runs may have changed. */
  look(running: RunEntry | undefined): void {
    const meter = running?.meter;
    if (meter === this.#running) return;
    this.stop();
    const seconds = meter?.bounds.budget.seconds;
    if (meter === undefined || seconds === undefined) return;
    this.#running = meter;
    this.#since = this.#options.now();
    this.#wait(seconds * 1000 - meter.milliseconds, () => {
      meter.exhaust('seconds');
      this.#options.onOver(meter);
    });
  }

  /** What runs now is cancelled: it has a little time left to end. */
  awaitEnd(meter: Meter): void {
    this.stop();
    this.#running = meter;
    this.#since = this.#options.now();
    this.#wait(graceMilliseconds, () => {
      this.#options.onStuck(meter);
    });
  }

  /** Nothing runs. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#running !== undefined) {
      this.#running.milliseconds += this.#options.now() - this.#since;
    }
    this.#running = undefined;
  }

  #wait(milliseconds: number, over: () => void): void {
    this.#timer = setTimeout(over, Math.min(Math.max(milliseconds, 0), timerMillisecondsMax));
    this.#timer.unref();
  }
}

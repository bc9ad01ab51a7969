// A bucket of tokens that fills with time: what may happen often for a moment, but not for long.

export class Allowance {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  constructor(options: {
    readonly perSecond: number;
    readonly burst: number;
    readonly now: number;
  }) {
    this.#perSecond = options.perSecond;
    this.#burst = options.burst;
    this.#left = options.burst;
    this.#at = options.now;
  }

  /** Milliseconds until there are tokens again; 0 when some are left. */
  take(count: number, now: number): number {
    const filled = this.#left + ((now - this.#at) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#burst, filled) - count;
    this.#at = now;
    return this.#left >= 0 ? 0 : (-this.#left / this.#perSecond) * 1000;
  }
}

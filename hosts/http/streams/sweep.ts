// One timer for all open streams: ten thousand idle ones cost no timer each.

export interface Swept {
  /** Milliseconds of a monotonic clock. */
  readonly onSweep: (nowMs: number) => void;
}

const sweepMs = 1_000;

/** Calls whoever joined once a second; runs only while somebody has. */
export class Sweep {
  readonly #swept = new Set<Swept>();
  #timer: NodeJS.Timeout | undefined;
  #nowMs = performance.now();

  /** As of the last sweep: to stamp each chunk with it costs nothing. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get size(): number {
    return this.#swept.size;
  }

  join(swept: Swept): void {
    this.#swept.add(swept);
    if (this.#timer !== undefined) return;
    this.#nowMs = performance.now();
    this.#timer = setInterval(() => this.run(performance.now()), sweepMs).unref();
  }

  leave(swept: Swept): void {
    this.#swept.delete(swept);
    if (this.#swept.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** One sweep at this time. */
  run(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const swept of this.#swept) swept.onSweep(nowMs);
  }
}

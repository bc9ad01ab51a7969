// How many statements of a principal a target has had in the last minute, over all sessions of this process: counted
// only where a budget bounds them, statements under the same bound together.

const windowSeconds = 60;
/** Principals, targets and bounds that are counted before those that were quiet for a minute are dropped. */
const windowsKept = 10_000;

/** Counts by second, of this one and the 60 before it: what is left out is more than a minute old. */
class Window {
  readonly #counts = new Map<number, number>();
  #total = 0;

  take(second: number, count: number, countMax: number): boolean {
    this.#forget(second);
    if (this.#total + count > countMax) return false;
    this.#counts.set(second, (this.#counts.get(second) ?? 0) + count);
    this.#total += count;
    return true;
  }

  isQuiet(second: number): boolean {
    this.#forget(second);
    return this.#total === 0;
  }

  #forget(second: number): void {
    for (const [then, count] of this.#counts) {
      if (then >= second - windowSeconds) break;
      this.#counts.delete(then);
      this.#total -= count;
    }
  }
}

export class StatementRates {
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  /** @param now Milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts statements of who is named, all of them or, where they would be more than `countMax` in a minute, none. */
  take(
    who: readonly [principal: string, target: string],
    count: number,
    countMax: number,
  ): boolean {
    const second = Math.floor(this.#now() / 1000);
    const key = JSON.stringify([...who, countMax]);
    let window = this.#windows.get(key);
    if (window === undefined) {
      this.#dropQuiet(second);
      this.#windows.set(key, (window = new Window()));
    }
    return window.take(second, count, countMax);
  }

  #dropQuiet(second: number): void {
    if (this.#windows.size < windowsKept) return;
    for (const [key, window] of this.#windows) {
      if (window.isQuiet(second)) this.#windows.delete(key);
    }
  }
}

// What a caller opens is opened on the target as well, at once: what may start then starts a round trip earlier. Until it may,
// nothing is asked on it; a target makes a number of it, and counts it among its MaxSessions as it would the caller's own.

import type { Channel, GuardedTarget } from '../guard/index.ts';

export class Counterpart {
  #opening: Promise<Channel | undefined> | undefined;
  #state: 'waiting' | 'asked' | 'dropped' = 'waiting';

  constructor(target: Promise<GuardedTarget>) {
    // Who needs it opens another, and is told why that fails.
    this.#opening = target.then((reached) => this.#open(reached)).catch(() => undefined);
  }

  /** The channel, once; nothing when the target would not open it, or has closed it. */
  async take(): Promise<Channel | undefined> {
    const opening = this.#opening;
    this.#opening = undefined;
    const channel = await opening;
    return channel?.closed === false ? channel : undefined;
  }

  /** It will not be needed. Resolves when the target has been told, so that it has room for another. */
  async drop(): Promise<void> {
    if (this.#state === 'asked') (await this.take())?.abort();
    else this.#state = 'dropped';
  }

  #open(target: GuardedTarget): Promise<Channel> | undefined {
    if (this.#state === 'dropped') return undefined;
    this.#state = 'asked';
    return target.open({ kind: 'session' });
  }
}

export interface CounterpartTimes {
  /** Until then what has just ended is told to the caller, and nothing else is begun. */
  readonly openedAfterMs: number;
  /** For longer a target might take the connection for one in use. */
  readonly keptMs: number;
}

const defaultTimes: CounterpartTimes = { openedAfterMs: 2, keptMs: 10_000 };

/**
 * Those of one connection. Where one is over another is opened for the next, so that a caller that runs one command behind the other
 * does not wait for the target's yes: the target never counts more of them than the caller has had at once.
 */
export class Counterparts {
  readonly #target: () => Promise<GuardedTarget>;
  readonly #times: CounterpartTimes;
  #spare: Counterpart | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(target: () => Promise<GuardedTarget>, times = defaultTimes) {
    this.#target = target;
    this.#times = times;
  }

  /** For a channel that the caller opens. */
  next(): Counterpart {
    return this.#give() ?? new Counterpart(this.#target());
  }

  /** The one that was opened ahead, if there is one: a target that has no room for another has this. */
  async take(): Promise<Channel | undefined> {
    return this.#give()?.take();
  }

  /** One is over, and the caller will open another. */
  replace(): void {
    if (this.#spare !== undefined) return;
    this.#after(this.#times.openedAfterMs, () => {
      this.#spare = new Counterpart(this.#target());
      this.#after(this.#times.keptMs, () => void this.#give()?.drop());
    });
  }

  #give(): Counterpart | undefined {
    clearTimeout(this.#timer);
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  #after(milliseconds: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, milliseconds).unref();
  }
}

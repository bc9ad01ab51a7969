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

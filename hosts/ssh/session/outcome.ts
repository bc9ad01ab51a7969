// How something on a channel ended, in the session's recording.

import type { JsonObject } from '#engine';

import type { ChannelExit } from '../guard/index.ts';
import type { Asking } from './connected.ts';

type How = { readonly tag: string } | { readonly error: string };

export function howItEnded(exit: ChannelExit | undefined): How {
  if (exit === undefined) return { error: 'it ended without saying how' };
  return { tag: exit.kind === 'exit-status' ? `exit ${exit.status}` : `signal ${exit.name}` };
}

/** Of one thing that was started; its time runs from here. */
export class Outcome {
  readonly #asking: Asking;
  readonly #startedAt = performance.now();
  #isNoted = false;

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  /**
   * Notes it the first time it is called: when the thing is over, or when the session ends under it, after which nothing can be
   * noted any more.
   */
  note(how: How, more: () => JsonObject = () => ({})): void {
    if (this.#isNoted) return;
    this.#isNoted = true;
    const { channel, connected } = this.#asking;
    const ms = Math.round(performance.now() - this.#startedAt);
    connected.session.note({ type: 'outcome', channel, ...how, ms, ...more() });
  }
}

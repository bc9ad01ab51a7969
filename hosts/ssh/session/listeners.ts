// Listeners on the target that policies allowed (RFC 4254 §7.1): only connections to these come to the caller. A target that
// makes one up would reach into the caller's network through clients that believe it.

import type { ChannelType, GlobalAnswer, GlobalRequest, GuardedTarget } from '../guard/index.ts';

type Listen = Extract<GlobalRequest, { readonly kind: 'listen' | 'listen-socket' }>;
type Unlisten = Extract<GlobalRequest, { readonly kind: 'unlisten' | 'unlisten-socket' }>;
type Forwarded = Extract<ChannelType, { readonly kind: 'forwarded-tcpip' | 'forwarded-socket' }>;

/** Servers say the address in their own spelling: a listener is known by its port, or path. */
const placeOf = (of: Listen | Unlisten | Forwarded, chosen?: number): string =>
  'path' in of ? of.path : String(chosen ?? of.port);

export class Listeners {
  readonly #open = new Set<string>();
  #asked: Promise<unknown> = Promise.resolve();

  async open(target: GuardedTarget, request: Listen): Promise<GlobalAnswer> {
    const answer = target.ask(request);
    const noted = answer.then(({ granted, port }) => {
      if (granted) this.#open.add(placeOf(request, port));
    });
    this.#asked = Promise.all([this.#asked, noted]);
    await noted;
    return answer;
  }

  async close(target: GuardedTarget, request: Unlisten): Promise<GlobalAnswer> {
    if (!this.#open.delete(placeOf(request))) return { granted: false };
    return target.ask(request);
  }

  /** A connection may be there before the answer to the request was read. */
  async expect(type: Forwarded): Promise<boolean> {
    await this.#asked;
    return this.#open.has(placeOf(type));
  }
}

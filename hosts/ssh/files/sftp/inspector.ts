// Stands between a client's SFTP channel and the target's: every request is decoded, resolved by the target and judged
// before the target acts on it (draft-ietf-secsh-filexfer-02; OpenSSH PROTOCOL §4).

import { BrokenChannel } from '../rules.ts';
import { ClientSide } from './client-side.ts';
import { transfersOf } from './open-files.ts';
import type { Verdict } from './procedure.ts';
import { TargetSide } from './target-side.ts';
import { Traffic, type SftpEffect, type SftpOptions } from './traffic.ts';

/**
 * Bytes and verdicts in, effects out, to be carried out in order. Nothing here waits: `fromClient` may be called
 * while `wantsClient` is false, but what it is given stays in memory, up to a limit. After `cut` every call answers
 * nothing. Chunks belong to the inspector, and slices of them are in the effects: neither may be written to.
 */
export class SftpInspector {
  readonly #traffic: Traffic;
  readonly #client: ClientSide;
  readonly #target: TargetSide;

  constructor(options: SftpOptions = {}) {
    this.#traffic = new Traffic(options);
    this.#client = new ClientSide(this.#traffic);
    this.#target = new TargetSide(this.#traffic, (response) => {
      this.#client.ownAnswer(response);
    });
  }

  /** When false, the client's channel is to be paused: a verdict or the target is awaited. */
  get wantsClient(): boolean {
    return this.#client.wantsMore;
  }

  /** After the client's end of file the target's input ends once this is true; if it never is, a packet was cut off. */
  get clientIdle(): boolean {
    return this.#client.isIdle;
  }

  fromClient(chunk: Buffer): readonly SftpEffect[] {
    return this.#guarded(() => {
      this.#client.push(chunk);
    });
  }

  fromTarget(chunk: Buffer): readonly SftpEffect[] {
    return this.#guarded(() => {
      this.#target.push(chunk);
      this.#client.advance();
    });
  }

  /** Answers the last `judge`. */
  decide(verdict: Verdict): readonly SftpEffect[] {
    return this.#guarded(() => {
      this.#client.decide(verdict);
      this.#client.advance();
    });
  }

  /** The channel of either side is gone: what was transferred so far. */
  end(): readonly SftpEffect[] {
    this.#traffic.phase = 'cut';
    return this.#unfinished();
  }

  #guarded(act: () => void): readonly SftpEffect[] {
    if (this.#traffic.phase === 'cut') return [];
    try {
      act();
      return this.#traffic.takeEffects();
    } catch (error) {
      if (!(error instanceof BrokenChannel)) throw error;
      this.#traffic.phase = 'cut';
      const { rule } = error;
      return [...this.#traffic.takeEffects(), ...this.#unfinished(), { kind: 'cut', rule }];
    }
  }

  #unfinished(): readonly SftpEffect[] {
    return this.#traffic.files.closeAll().flatMap((file) => transfersOf(file, false));
  }
}

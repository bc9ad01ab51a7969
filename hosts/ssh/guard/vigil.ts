// The clocks of one connection: login, silence, stalled writes, idleness, its whole life, and when keys are due.

import type { Limits } from '#engine/model';
import type { OutgoingPackets } from './outgoing-packets.ts';
import type { ViolationRule } from './violation.ts';

export interface Watched {
  readonly socket: { readonly bytesRead: number; readonly bytesWritten: number };
  readonly outgoing: OutgoingPackets;
  readonly exchanging: boolean;
  readonly ping: () => void;
  readonly rekey: () => void;
}

type Cut = (rule: ViolationRule, message: string) => void;

/** How often clocks are read; finer when limits are set low. */
const turnMsMax = 5_000;
const turnMsMin = 20;

export class Vigil {
  readonly #limits: Limits;
  readonly #watched: Watched;
  readonly #cut: Cut;
  #login: NodeJS.Timeout;
  #asked = false;
  #turns: NodeJS.Timeout | undefined;
  #openedAt = 0;
  #heardAt = performance.now();
  #activeAt = 0;
  #pinged = false;
  #exchangedAt = performance.now();
  #exchangedBytes = 0;
  #exchangingSince: number | undefined;
  #written = 0;
  #writtenAt = performance.now();

  constructor(limits: Limits, watched: Watched, cut: Cut) {
    this.#limits = limits;
    this.#watched = watched;
    this.#cut = cut;
    this.#login = this.#loginWithin(limits.loginSecondsMax);
  }

  /** Somebody is asked, who goes elsewhere for the answer: that takes longer, once for a connection. */
  asked(): void {
    if (this.#asked) return;
    this.#asked = true;
    clearTimeout(this.#login);
    this.#login = this.#loginWithin(this.#limits.dialogSecondsMax);
  }

  #loginWithin(seconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#cut('login-too-slow', 'the login took too long'), seconds * 1000);
  }

  loggedIn(): void {
    clearTimeout(this.#login);
    const now = performance.now();
    this.#openedAt = now;
    this.#activeAt = now;
    const { peerSilentSecondsMax, stallSecondsMax, rekeySecondsMax, loginSecondsMax } =
      this.#limits;
    const { sshIdleSecondsMax, sshSessionSecondsMax } = this.#limits;
    const shortest = Math.min(
      ...[peerSilentSecondsMax, stallSecondsMax, rekeySecondsMax, loginSecondsMax],
      ...[sshIdleSecondsMax, sshSessionSecondsMax],
    );
    const turnMs = Math.max(turnMsMin, Math.min(turnMsMax, shortest * 125));
    this.#turns = setInterval(() => this.#turn(performance.now()), turnMs);
  }

  heard(): void {
    this.#heardAt = performance.now();
    this.#pinged = false;
  }

  active(): void {
    this.#activeAt = this.#heardAt;
  }

  exchanged(): void {
    this.#exchangedAt = performance.now();
    this.#exchangedBytes = this.#bytes();
    this.#exchangingSince = undefined;
  }

  stop(): void {
    clearTimeout(this.#login);
    clearInterval(this.#turns);
  }

  #bytes(): number {
    const { bytesRead, bytesWritten } = this.#watched.socket;
    return bytesRead + bytesWritten;
  }

  #turn(now: number): void {
    const { sshIdleSecondsMax, sshSessionSecondsMax } = this.#limits;
    if (now - this.#openedAt > sshSessionSecondsMax * 1000) {
      this.#cut('session-too-long', `sessions end after ${sshSessionSecondsMax} seconds`);
    } else if (now - this.#activeAt > sshIdleSecondsMax * 1000) {
      this.#cut('peer-idle', `nothing happened for ${sshIdleSecondsMax} seconds`);
    } else {
      this.#checkWrites(now);
      this.#checkPeer(now);
      this.#checkKeys(now);
    }
  }

  /** A peer that takes nothing of what waits for it, however much it sends itself. */
  #checkWrites(now: number): void {
    const { waitingBytes, sentBytes } = this.#watched.outgoing;
    if (waitingBytes === 0 || sentBytes - waitingBytes !== this.#written) this.#writtenAt = now;
    this.#written = sentBytes - waitingBytes;
    if (now - this.#writtenAt > this.#limits.stallSecondsMax * 1000) {
      this.#cut('write-stalled', 'the peer takes nothing of what is written');
    }
  }

  #checkPeer(now: number): void {
    const silentMs = now - this.#heardAt;
    const mostMs = this.#limits.peerSilentSecondsMax * 1000;
    if (silentMs > mostMs) {
      this.#cut('peer-silent', 'the peer does not answer');
    } else if (silentMs > mostMs / 3 && !this.#pinged) {
      this.#pinged = true;
      this.#watched.ping();
    }
  }

  #checkKeys(now: number): void {
    if (this.#watched.exchanging) {
      this.#exchangingSince ??= now;
      if (now - this.#exchangingSince > this.#limits.loginSecondsMax * 1000) {
        this.#cut('rekey-too-slow', 'a key exchange took too long');
      }
      return;
    }
    const { rekeyBytesMax, rekeySecondsMax } = this.#limits;
    const bytes = this.#bytes() - this.#exchangedBytes;
    if (bytes > rekeyBytesMax || now - this.#exchangedAt > rekeySecondsMax * 1000) {
      this.#watched.rekey();
    }
  }
}

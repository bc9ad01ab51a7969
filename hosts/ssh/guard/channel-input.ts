// What a peer sends on a channel, until somebody reads it: small pieces are gathered, so that a window of single bytes
// takes no more memory than a window.

import { Readable } from 'node:stream';

/** Pieces below this are copied together; larger ones stay as they came. */
const smallBytes = 2 * 1024;
const gatherBytes = 16 * 1024;

export class ChannelInput extends Readable {
  readonly #onConsumed: () => void;
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  /** The last of `#held` while there is room in it. */
  #gathering: { readonly space: Buffer; used: number } | undefined;
  #wanted = false;
  #whole = false;

  /** @param onConsumed Called when more was read of it. */
  constructor(onConsumed: () => void) {
    // A high-water mark of one byte: what is not wanted now is held here, not piece by piece in the stream.
    super({ highWaterMark: 1 });
    this.#onConsumed = onConsumed;
    this.on('error', () => undefined);
  }

  get unreadBytes(): number {
    return this.readableLength + this.#heldBytes;
  }

  receive(bytes: Buffer): void {
    if (this.destroyed || this.#whole || bytes.length === 0) return;
    if (this.#wanted && this.#heldBytes === 0) this.#wanted = this.push(bytes);
    else this.#hold(bytes);
  }

  /** No more will come: the stream ends behind what is held. */
  complete(): void {
    if (this.#whole || this.destroyed) return;
    this.#whole = true;
    if (this.#heldBytes === 0) this.push(null);
  }

  override _read(): void {
    this.#wanted = true;
    while (this.#wanted && this.#heldBytes > 0) this.#wanted = this.push(this.#next());
    if (this.#whole && this.#heldBytes === 0) this.push(null);
    this.#onConsumed();
  }

  #hold(bytes: Buffer): void {
    this.#heldBytes += bytes.length;
    if (bytes.length >= smallBytes) {
      this.#seal();
      this.#held.push(bytes);
      return;
    }
    if (this.#gathering !== undefined && this.#gathering.used + bytes.length > gatherBytes) {
      this.#seal();
    }
    this.#gathering ??= { space: Buffer.allocUnsafeSlow(gatherBytes), used: 0 };
    this.#gathering.space.set(bytes, this.#gathering.used);
    this.#gathering.used += bytes.length;
  }

  #seal(): void {
    if (this.#gathering === undefined) return;
    const { space, used } = this.#gathering;
    this.#held.push(space.subarray(0, used));
    this.#gathering = undefined;
  }

  #next(): Buffer {
    if (this.#held.length === 0) this.#seal();
    const bytes = this.#held.shift() ?? Buffer.alloc(0);
    this.#heldBytes -= bytes.length;
    return bytes;
  }
}

// Puts the pieces of one side's messages together (RFC 6455 §5.4).

import type { MessagePiece, MessageType } from './frame-reader.ts';

export interface Message {
  readonly type: MessageType;
  readonly payload: Buffer;
}

const nothing = Buffer.alloc(0);

/** Memory is at most twice what was received: a million one-byte fragments cost two megabytes, not a million objects. */
export class MessageAssembler {
  #held: Buffer = nothing;
  #heldBytes = 0;

  /** The message when this piece closes it. The reader bounds its size. */
  add({ type, payload, opens, closes }: MessagePiece): Message | undefined {
    if (opens && closes) return { type, payload };
    this.#hold(payload);
    if (!closes) return undefined;
    const message = { type, payload: this.#held.subarray(0, this.#heldBytes) };
    this.#held = nothing;
    this.#heldBytes = 0;
    return message;
  }

  #hold(payload: Buffer): void {
    const bytes = this.#heldBytes + payload.length;
    if (bytes > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#held.length));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    payload.copy(this.#held, this.#heldBytes);
    this.#heldBytes = bytes;
  }
}

// What is known of each message that passes: its size and digest, for the recording.

import { createHash, hash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { MessagePiece, MessageType } from '../wire/websocket/index.ts';

/** From the caller to the target, or back. */
export type Direction = 'up' | 'down';

export interface MessageFacts {
  readonly direction: Direction;
  readonly type: MessageType;
  /** Payload as it came, in front of any mask. */
  readonly bytes: number;
  /** Of the same, in hex. */
  readonly sha256: string;
  /** `cut`: the stream ended inside it. */
  readonly outcome: 'forwarded' | 'masked' | 'refused' | 'cut';
}

/** A message that comes in pieces. */
export class MessageDigest {
  readonly #type: MessageType;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;

  constructor(type: MessageType) {
    this.#type = type;
  }

  add(payload: Buffer): void {
    this.#hash.update(payload);
    this.#bytes += payload.length;
  }

  end(direction: Direction, outcome: MessageFacts['outcome']): MessageFacts {
    const sha256 = this.#hash.digest('hex');
    return { direction, type: this.#type, bytes: this.#bytes, sha256, outcome };
  }
}

export function factsOf(
  { type, payload }: Pick<MessagePiece, 'type' | 'payload'>,
  direction: Direction,
  outcome: MessageFacts['outcome'],
): MessageFacts {
  return { direction, type, bytes: payload.length, sha256: hash('sha256', payload), outcome };
}

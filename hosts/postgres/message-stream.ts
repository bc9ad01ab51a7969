// Messages one by one over a socket: for the phases in which each side waits for the other (start-up,
// authentication, catalog queries).

import type { ByteSource } from '#transport';

import type { Direction } from './wire/index.ts';
import { FrameReader } from './wire/index.ts';

export interface Message {
  readonly type: number;
  /** The whole message with its header. */
  readonly frame: Buffer;
}

export class MessageStream {
  readonly #source: ByteSource;
  readonly #reader: FrameReader;

  constructor(
    source: ByteSource,
    options: { readonly direction: Direction; readonly bytesMax: number },
  ) {
    this.#source = source;
    this.#reader = new FrameReader({
      direction: options.direction,
      bytesMax: () => options.bytesMax,
    });
  }

  /** The next message; `undefined` when the peer closed. Throws WireError and what the source throws. */
  async next(): Promise<Message | undefined> {
    while (!this.#reader.next()) {
      const chunk = await this.#source.read();
      if (chunk === null) return undefined;
      this.#reader.push(chunk);
    }
    const { buffer, start, end, type } = this.#reader;
    return { type, frame: buffer.subarray(start, end) };
  }

  /** Bytes behind the last message: the next phase starts with them, or they are a protocol violation. */
  takeUnread(): Buffer {
    return this.#reader.takeUnread();
  }
}

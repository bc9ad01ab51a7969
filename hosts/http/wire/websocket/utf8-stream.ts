// Whether text that comes in pieces is UTF-8 (RFC 3629, RFC 6455 §8.1): a character may be cut anywhere.

import { isUtf8 } from 'node:buffer';

const nothing = Buffer.alloc(0);

export class Utf8Stream {
  /** The beginning of a character whose other bytes are still to come: at most three. */
  #begun: Buffer = nothing;

  /** False when no further bytes can make it valid; a begun character is judged when it is complete. */
  push(piece: Buffer): boolean {
    const joined = this.#begun.length === 0 ? piece : Buffer.concat([this.#begun, piece]);
    const whole = joined.length - begunBytes(joined);
    this.#begun = whole === joined.length ? nothing : Buffer.from(joined.subarray(whole));
    return isUtf8(joined.subarray(0, whole));
  }

  /** False when the text ends inside a character. Ready for the next text. */
  end(): boolean {
    const complete = this.#begun.length === 0;
    this.#begun = nothing;
    return complete;
  }
}

/** Bytes at the end that announce more bytes than there are. */
function begunBytes(text: Buffer): number {
  for (let back = 1; back <= Math.min(3, text.length); back += 1) {
    const byte = text.readUInt8(text.length - back);
    if ((byte & 0xc0) === 0x80) continue;
    return announcedBytes(byte) > back ? back : 0;
  }
  return 0;
}

function announcedBytes(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

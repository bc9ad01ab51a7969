// The line that each side begins with (RFC 4253 §4.2). Held back until it is whole: the library reads a line that comes
// in more than two pieces wrong, and from the start again with every byte.

import { Violation } from './violation.ts';

const lineBytesMax = 255;
/** What servers may write in front of it. */
const greetingBytesMax = 8 * 1024;
const lineFeed = 0x0a;
const shape = /^SSH-(?:2\.0|1\.99)-([\x21-\x7e][\x20-\x7e]*)\r?\n$/;

export class IdentificationReader {
  readonly #bytesMax: number;
  readonly #mayGreet: boolean;
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of lines that were dropped. */
  #dropped = 0;
  #software = '';

  constructor(peer: 'client' | 'server') {
    this.#mayGreet = peer === 'server';
    this.#bytesMax = this.#mayGreet ? greetingBytesMax + lineBytesMax : lineBytesMax;
  }

  /** Name, version and comments of the peer's software, as it says; empty before the line is whole. */
  get software(): string {
    return this.#software;
  }

  /**
   * The identification line with all bytes behind it, without a greeting in front; undefined when more must come.
   * @throws Violation `identification-invalid`
   */
  push(chunk: Buffer): Buffer | undefined {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (;;) {
      const end = this.#held.indexOf(lineFeed);
      const line = end === -1 ? this.#held.length : end + 1;
      if (this.#dropped + line > this.#bytesMax) throw invalid('the identification is too long');
      if (end === -1) return undefined;
      const begins = this.#held.toString('latin1', 0, 4) === 'SSH-';
      if (begins || !this.#mayGreet) return this.#checked(line);
      this.#dropped += line;
      this.#held = this.#held.subarray(line);
    }
  }

  #checked(line: number): Buffer {
    const found = shape.exec(this.#held.toString('latin1', 0, line));
    if (line > lineBytesMax || found === null) throw invalid('the peer does not speak SSH 2.0');
    this.#software = found[1] ?? '';
    return this.#held;
  }
}

const invalid = (message: string): Violation => new Violation('identification-invalid', message);

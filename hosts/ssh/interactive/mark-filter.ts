// Takes the gateway's own marks out of the terminal's output. A mark tells that all output before it has arrived, no more:
// how a command ended is said elsewhere, where no program can write.

const start = 0x1e;
const end = 0x1f;

export interface FilteredOutput {
  readonly output: Buffer;
  /** The mark that is due was in it. */
  readonly isMarked: boolean;
}

export class MarkFilter {
  readonly #token: string;
  /** With its two ends. */
  readonly #markBytes: number;
  #held: Buffer = Buffer.alloc(0);

  /** @param token what all marks of this session begin with: as many digits as the rest of one has */
  constructor(token: string) {
    this.#token = token;
    this.#markBytes = 2 * token.length + 2;
  }

  /** What stands between the ends of one mark. */
  mark(due: string): string {
    return `${this.#token}${due}`;
  }

  /** @param due the rest of the mark that is due; others of this session are taken out, too */
  push(chunk: Buffer, due: string): FilteredOutput {
    // Nearly all output has none.
    if (this.#held.length === 0 && !chunk.includes(start))
      return { output: chunk, isMarked: false };
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    const parts: Buffer[] = [];
    let isMarked = false;
    for (let at = rest.indexOf(start); at !== -1; at = rest.indexOf(start)) {
      parts.push(rest.subarray(0, at));
      rest = rest.subarray(at);
      const length = this.#markLength(rest);
      if (length === 'open') {
        this.#held = rest;
        return { output: Buffer.concat(parts), isMarked };
      }
      if (length === 0) parts.push(rest.subarray(0, 1));
      else isMarked ||= rest.toString('latin1', 1, length - 1) === this.mark(due);
      rest = rest.subarray(Math.max(length, 1));
    }
    return { output: Buffer.concat([...parts, rest]), isMarked };
  }

  /** 0 when there is none, `open` when more bytes must tell. */
  #markLength(bytes: Buffer): number | 'open' {
    const length = this.#markBytes;
    const seen = bytes.toString('latin1', 1, Math.min(bytes.length, length - 1));
    const token = seen.slice(0, this.#token.length);
    if (!this.#token.startsWith(token) || !/^[0-9]*$/.test(seen)) return 0;
    if (bytes.length < length) return 'open';
    return bytes[length - 1] === end ? length : 0;
  }
}

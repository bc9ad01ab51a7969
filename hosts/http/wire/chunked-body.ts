// A body in chunks (RFC 9112 §7.1), as strictly as its sender should have written it.

import { readResponseFields } from './header-fields.ts';
import { brokenResponse } from './rules.ts';

/** A size with its extensions, or one line of the trailers. */
const lineBytesMax = 4096;
const trailerBytesMax = 16 * 1024;

/** Extensions say nothing that anybody knows (§7.1.1), and are left behind. */
const sizeLine = /^([0-9A-Fa-f]{1,12})(?:;[\t\x20-\x7e]*)?$/;

type State = 'size' | 'bytes' | 'gap' | 'trailers' | 'ended';

/** What a piece of the connection brought of the body, and what stands behind its end. */
export interface ChunkedPiece {
  readonly bytes: readonly Buffer[];
  /** Undefined while the body goes on. */
  readonly behind: Buffer | undefined;
}

export class ChunkedBody {
  #state: State = 'size';
  /** Of the chunk that is being read. */
  #left = 0;
  /** What has come of a line that is not whole. */
  #line = '';
  #trailerBytes = 0;

  /** @throws BrokenResponse */
  push(piece: Buffer): ChunkedPiece {
    const bytes: Buffer[] = [];
    let at = 0;
    while (at < piece.length && this.#state !== 'ended') {
      if (this.#state !== 'bytes') {
        at = this.#readLine(piece, at);
        continue;
      }
      const end = Math.min(piece.length, at + this.#left);
      bytes.push(piece.subarray(at, end));
      this.#left -= end - at;
      if (this.#left === 0) this.#state = 'gap';
      at = end;
    }
    return { bytes, behind: this.#state === 'ended' ? piece.subarray(at) : undefined };
  }

  /** Where the line ends, or the piece. */
  #readLine(piece: Buffer, at: number): number {
    const lineFeed = piece.indexOf(0x0a, at);
    const end = lineFeed < 0 ? piece.length : lineFeed + 1;
    if (this.#line.length + end - at > lineBytesMax) throw brokenResponse('response-chunk');
    this.#line += piece.toString('latin1', at, end);
    if (lineFeed < 0) return end;
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r\n')) throw brokenResponse('response-chunk');
    this.#take(line.slice(0, -2));
    return end;
  }

  #take(line: string): void {
    switch (this.#state) {
      case 'size': {
        const [, size] = sizeLine.exec(line) ?? [];
        if (size === undefined) throw brokenResponse('response-chunk');
        this.#left = parseInt(size, 16);
        this.#state = this.#left === 0 ? 'trailers' : 'bytes';
        return;
      }
      case 'gap':
        if (line !== '') throw brokenResponse('response-chunk');
        this.#state = 'size';
        return;
      default:
        this.#takeTrailer(line);
    }
  }

  /** Nobody is told of it, yet what is no field may be something else for another reader. */
  #takeTrailer(line: string): void {
    if (line === '') {
      this.#state = 'ended';
      return;
    }
    this.#trailerBytes += line.length;
    const colon = line.indexOf(':');
    if (colon < 1 || this.#trailerBytes > trailerBytesMax) throw brokenResponse('response-chunk');
    readResponseFields([line.slice(0, colon), line.slice(colon + 1)]);
  }
}

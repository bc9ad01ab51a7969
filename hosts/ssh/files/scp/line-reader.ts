// Gathers bytes up to a line feed, across chunks and up to a limit.

import { BrokenChannel } from '../rules.ts';
import { lineBytesMax } from './control-line.ts';

const lineFeed = 0x0a;
const nothing = Buffer.alloc(0);

export class LineReader {
  #gathered: Buffer = nothing;

  get isEmpty(): boolean {
    return this.#gathered.length === 0;
  }

  /**
   * Takes from the front of `chunk`.
   *
   * @returns the line without its line feed, or undefined while it goes on; and how much of the chunk was used
   * @throws BrokenChannel `scp-line-length`
   */
  take(chunk: Buffer): { readonly line: Buffer | undefined; readonly used: number } {
    const end = chunk.indexOf(lineFeed);
    const used = end === -1 ? chunk.length : end + 1;
    const bytes = this.#gathered.length + used;
    if (bytes > lineBytesMax) throw new BrokenChannel('scp-line-length');
    const whole = Buffer.concat([this.#gathered, chunk.subarray(0, used)]);
    this.#gathered = end === -1 ? whole : nothing;
    return { line: end === -1 ? undefined : whole.subarray(0, -1), used };
  }
}

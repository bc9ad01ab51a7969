// Reads the fields of an SFTP packet (draft-ietf-secsh-filexfer-02 §3). Every read checks its bounds first.

import { isUtf8 } from 'node:buffer';
import { RefusedRequest } from '../rules.ts';

const pathBytesMax = 4096;

/** Thrown when fields and packet disagree; who reads says whose fault that is. */
export const malformed = (): RefusedRequest => new RefusedRequest('packet-malformed');

export class FieldReader {
  readonly #buffer: Buffer;
  #offset: number;

  constructor(buffer: Buffer, start: number) {
    this.#buffer = buffer;
    this.#offset = start;
  }

  get remaining(): number {
    return this.#buffer.length - this.#offset;
  }

  #take(bytes: number): number {
    if (bytes > this.remaining) throw malformed();
    const offset = this.#offset;
    this.#offset += bytes;
    return offset;
  }

  uint8(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  uint32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  /** Offsets and sizes: beyond 2^53 no file reaches, and a number would round. */
  uint64(): number {
    const high = this.uint32();
    const low = this.uint32();
    if (high > 0x1f_ffff) throw new RefusedRequest('offset-range');
    return high * 0x1_0000_0000 + low;
  }

  /** A view into the packet, not a copy. */
  bytes(length: number): Buffer {
    const offset = this.#take(length);
    return this.#buffer.subarray(offset, offset + length);
  }

  string(): Buffer {
    return this.bytes(this.uint32());
  }

  /**
   * A path must mean to us what it means to the target, which reads bytes and ends them at a NUL.
   *
   * @throws RefusedRequest `path-utf8`, `path-nul`, `path-length`
   */
  path(): string {
    const bytes = this.string();
    if (bytes.length > pathBytesMax) throw new RefusedRequest('path-length');
    if (bytes.includes(0)) throw new RefusedRequest('path-nul');
    if (!isUtf8(bytes)) throw new RefusedRequest('path-utf8');
    return bytes.toString('utf8');
  }

  /** Opaque to everyone but the target; latin1, so that each byte is one character. */
  handle(): string {
    return this.string().toString('latin1');
  }

  finish(): void {
    if (this.remaining > 0) throw malformed();
  }
}

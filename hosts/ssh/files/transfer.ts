// What went through one open file in one direction: bytes, and their SHA-256 where they came in order from the start.

import { createHash, type Hash } from 'node:crypto';

export interface Transferred {
  readonly kind: 'transferred';
  readonly path: string;
  /** Of scp: what the sender calls the file, with the directories it is in, below or instead of `path`; else empty. */
  readonly name: string;
  readonly direction: 'download' | 'upload';
  /** Content that the receiver was given (download) or has acknowledged (upload). */
  readonly bytes: number;
  /**
   * Hex, of the first `bytes` bytes of the file as they were transferred; null when they came in another order or
   * more than once, when the target failed to write some, or when it appended them.
   */
  readonly sha256: string | null;
  /** False when the channel ended before the file was closed. */
  readonly closed: boolean;
}

export class Transfer {
  readonly #path: string;
  readonly #name: string;
  readonly #direction: Transferred['direction'];
  #bytes = 0;
  #next = 0;
  #hash: Hash | undefined;

  constructor(file: Pick<Transferred, 'path' | 'name' | 'direction'>, hashes: boolean) {
    this.#path = file.path;
    this.#name = file.name;
    this.#direction = file.direction;
    this.#hash = hashes ? createHash('sha256') : undefined;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Content that passes by. */
  add(offset: number, content: Buffer): void {
    if (offset === this.#next) {
      this.#next += content.length;
      this.#hash?.update(content);
    } else if (content.length > 0) this.spoil();
  }

  /** Bytes that have arrived. */
  count(bytes: number): void {
    this.#bytes += bytes;
  }

  /** The file is given a size: some clients set the one that it will have, or has. */
  resize(bytes: number): void {
    if (bytes < this.#next) this.spoil();
  }

  /** The content of the file is no longer what was seen. */
  spoil(): void {
    this.#hash = undefined;
  }

  end(closed: boolean): Transferred {
    const isWhole = closed && this.#next === this.#bytes;
    const sha256 = isWhole ? (this.#hash?.digest('hex') ?? null) : null;
    this.#hash = undefined;
    return {
      kind: 'transferred',
      path: this.#path,
      name: this.#name,
      direction: this.#direction,
      bytes: this.#bytes,
      sha256,
      closed,
    };
  }
}

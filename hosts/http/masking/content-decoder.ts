// Takes off one content coding, RFC 9110 §8.4, within bounds: 300 bytes of brotli can stand for 200 MB.

import { Transform, type TransformCallback } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import type { Unmaskable } from './masker.ts';
import { MaskError } from './mask-error.ts';

export interface DecodeLimits {
  /** Decoded bytes for each byte that they came from, after the first `ratioFreeBytes`. */
  readonly ratioMax: number;
  readonly ratioFreeBytes: number;
  /** Decoded bytes of one body. */
  readonly bytesMax: number;
}

export const defaultDecodeLimits: DecodeLimits = {
  ratioMax: 100,
  ratioFreeBytes: 256 * 1024,
  bytesMax: 1024 * 1024 * 1024,
};

type Inner = ReturnType<typeof createGunzip>;

const codings: ReadonlyMap<string, () => Inner> = new Map<string, () => Inner>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/**
 * Undefined where nothing is coded. The stream errors with MaskError where the coding is broken, ends early, is followed by
 * anything, or breaks a bound; an empty body is none of these.
 */
export const contentDecoder = (
  contentEncoding: string | undefined,
  limits: DecodeLimits,
): Transform | Unmaskable | undefined => {
  const coding = contentEncoding?.trim().toLowerCase() ?? '';
  if (coding === '' || coding === 'identity') return undefined;
  const create = codings.get(coding);
  if (create === undefined) return { kind: 'unmaskable', message: 'content coding not understood' };
  return new ContentDecoder(create(), limits);
};

class ContentDecoder extends Transform {
  readonly #inner: Inner;
  readonly #limits: DecodeLimits;
  #bytesIn = 0;
  #bytesOut = 0;
  /** Of a piece that is not decoded to its end yet: when a bomb is found out, nothing of it shall have gone on. */
  #held: Buffer[] = [];
  #hasEnded = false;
  #flushed: TransformCallback | undefined;

  constructor(inner: Inner, limits: DecodeLimits) {
    super();
    this.#inner = inner;
    this.#limits = limits;
    inner.on('data', (piece: Buffer) => this.#receive(piece));
    inner.once('end', () => this.#finish());
    inner.once('error', (cause) => this.#fail(contentMalformed(cause)));
  }

  override _transform(chunk: Buffer, _: BufferEncoding, callback: TransformCallback): void {
    if (chunk.length > 0 && this.#hasEnded) return callback(contentMalformed());
    this.#bytesIn += chunk.length;
    this.#inner.write(chunk, () => {
      this.#release();
      callback();
    });
  }

  override _flush(callback: TransformCallback): void {
    if (this.#bytesIn === 0) return callback();
    this.#flushed = callback;
    if (this.#hasEnded) this.#finish();
    else this.#inner.end();
  }

  override _read(bytes: number): void {
    this.#inner.resume();
    super._read(bytes);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#inner.destroy();
    callback(error);
  }

  #receive(piece: Buffer): void {
    this.#bytesOut += piece.length;
    const { ratioMax, ratioFreeBytes, bytesMax } = this.#limits;
    const allowed = Math.min(bytesMax, ratioFreeBytes + ratioMax * this.#inner.bytesWritten);
    if (this.#bytesOut > allowed) {
      this.#fail(new MaskError('content-too-large', 'body decodes to more than its bound'));
      return;
    }
    this.#held.push(piece);
    // By then what unpacks to twice its ratio is found out.
    if (this.#bytesOut > 2 * ratioFreeBytes) this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const piece of held) if (!this.push(piece)) this.#inner.pause();
  }

  /** What the decoder did not take stands behind the end of the coded body. */
  #finish(): void {
    this.#hasEnded = true;
    this.#release();
    if (this.#inner.bytesWritten !== this.#bytesIn) this.#fail(contentMalformed());
    else this.#flushed?.();
  }

  #fail(error: MaskError): void {
    this.destroy(error);
  }
}

const contentMalformed = (cause?: unknown): MaskError =>
  new MaskError('content-malformed', 'content coding is broken, cut or followed by more', {
    cause,
  });

// What a recording keeps of a program's streams: bytes as they were, up to a bound, and length and SHA-256 of the rest. What is
// pushed here is what the caller was sent, masks applied: a recording must not hold what a policy withheld.

import { isUtf8 } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';

import type { JsonObject, RecordedEntry } from '#engine';

/** `stdin` is recorded only where the configuration says so: people type passwords. */
export type RecordedStream = 'stdin' | 'stdout' | 'stderr';

/** The part of a recorder that evidence is written with; both throw when it cannot be. */
export interface EvidenceRecorder {
  readonly note: (entry: RecordedEntry) => void;
  readonly flush: () => void;
}

export interface EvidenceOptions {
  readonly recorder: EvidenceRecorder;
  /** Which channel of the session, as its other entries say it. */
  readonly channel: number;
  /** Of each stream, with 256 for each entry: what comes in tiny pieces must not fill the disk either. */
  readonly bytesMax: number;
  /** 0.06 s of CPU for 100 MB where the processor has SHA extensions, 0.19 s elsewhere. */
  readonly hashesRest: boolean;
  /** Runs a task when the turn is over, such as `setImmediate`. */
  readonly defer: (task: () => void) => void;
  /** The evidence could not be written, outside of any call: the session must end. */
  readonly failed: (error: unknown) => void;
}

const entryBytesMax = 32 * 1024;
const entryOverheadBytes = 256;
const escapedShareMax = 4;

interface StreamState {
  bytes: number;
  recorded: number;
  room: number;
  hash: Hash | undefined;
}

/** Of one channel. What is pushed in one turn is written at its end, at the latest. */
export class OutputEvidence {
  readonly #options: EvidenceOptions;
  readonly #streams = new Map<RecordedStream, StreamState>();
  /** Of one stream, in order, not yet an entry. */
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #gatheredStream: RecordedStream = 'stdout';
  #isDeferred = false;
  #isEnded = false;

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /** Whether a stream has more than is recorded. */
  get isCut(): boolean {
    return Array.from(this.#streams.values()).some(({ bytes, recorded }) => bytes > recorded);
  }

  /** The bytes must stay as they are to the end of the turn. What comes after the end is not shown, and is not recorded. */
  push(stream: RecordedStream, chunk: Buffer): void {
    if (this.#isEnded) return;
    const state = this.#stateOf(stream);
    state.bytes += chunk.length;
    const kept = chunk.subarray(0, Math.max(0, state.room));
    if (kept.length > 0) this.#gather(stream, state, kept);
    if (kept.length < chunk.length) this.#hashRest(state, chunk.subarray(kept.length));
  }

  /** The size of the caller's terminal, as it is now. */
  window(columns: number, rows: number): void {
    this.#seal();
    this.#options.recorder.note({ type: 'window', channel: this.#options.channel, columns, rows });
    this.#deferFlush();
  }

  /** Writes what was gathered: before an entry that must stand behind it. */
  flush(): void {
    this.#seal();
    this.#options.recorder.flush();
  }

  /** What the entry about the program's end says of its streams. All before is noted; to write it is now the caller's. */
  end(): JsonObject {
    this.#seal();
    this.#isEnded = true;
    return Object.fromEntries(
      Array.from(this.#streams, ([stream, { bytes, recorded, hash }]) => [
        stream,
        {
          bytes,
          ...(recorded < bytes ? { recorded } : {}),
          ...(hash === undefined ? {} : { rest_sha256: hash.digest('hex') }),
        },
      ]),
    );
  }

  #stateOf(stream: RecordedStream): StreamState {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const state = { bytes: 0, recorded: 0, room: this.#options.bytesMax, hash: undefined };
    this.#streams.set(stream, state);
    return state;
  }

  #gather(stream: RecordedStream, state: StreamState, kept: Buffer): void {
    if (stream !== this.#gatheredStream) this.#seal();
    this.#gatheredStream = stream;
    state.recorded += kept.length;
    state.room -= kept.length;
    for (let at = 0; at < kept.length;) {
      const part = kept.subarray(at, at + entryBytesMax - this.#gatheredBytes);
      this.#gathered.push(part);
      this.#gatheredBytes += part.length;
      at += part.length;
      if (this.#gatheredBytes === entryBytesMax) this.#seal();
    }
    this.#deferFlush();
  }

  /** Once a stream is cut nothing of it is recorded any more: what is recorded is its beginning. */
  #hashRest(state: StreamState, rest: Buffer): void {
    state.room = 0;
    if (!this.#options.hashesRest) return;
    state.hash ??= createHash('sha256');
    state.hash.update(rest);
  }

  #seal(): void {
    if (this.#gatheredBytes === 0) return;
    const bytes = this.#gathered.length === 1 ? this.#gathered[0] : Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    const stream = this.#gatheredStream;
    this.#stateOf(stream).room -= entryOverheadBytes;
    const { channel, recorder } = this.#options;
    recorder.note({ type: 'output', channel, stream, ...contentOf(bytes ?? Buffer.alloc(0)) });
  }

  #deferFlush(): void {
    if (this.#isDeferred) return;
    this.#isDeferred = true;
    this.#options.defer(() => {
      this.#isDeferred = false;
      if (this.#isEnded) return;
      try {
        this.flush();
      } catch (error) {
        this.#options.failed(error);
      }
    });
  }
}

/** As text where that gives the same bytes back and is not mostly escapes. */
const contentOf = (bytes: Buffer): { readonly text: string } | { readonly base64: string } =>
  isUtf8(bytes) && escapedBytes(bytes) * escapedShareMax <= bytes.length
    ? { text: bytes.toString('utf8') }
    : { base64: bytes.toString('base64') };

/** How many bytes JSON writes as `\u0000`. */
const escapedBytes = (bytes: Buffer): number => {
  let count = 0;
  for (const byte of bytes) {
    if (byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) count += 1;
  }
  return count;
};

// Writes recordings: JSON Lines, one file a session, sealed in stretches. `write` returns only after the operating system
// has the entry, so that what is forwarded next survives the death of this process.

import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { Session } from '../model/index.ts';
import type { EntryMembers, EntryText } from './entry.ts';
import { entryLine, genesisHash, sealLine, stretchLengthMax, stretchMax } from './entry.ts';

/** Appends bytes to the evidence; throws when not all of them could be written. */
export interface RecordingSink {
  readonly append: (text: string) => void;
  readonly close: () => void;
}

export interface RecordedEntry extends EntryMembers {
  readonly type: string;
}

/** No entry is without a seal for longer, and no outcome waits longer for what is written next. */
const sealedAfterMs = 1_000;

export class SessionRecorder {
  readonly #sink: RecordingSink;
  readonly #now: () => number;
  #seq = 0;
  /** The last seal's. */
  #hash = genesisHash;
  /** Lines behind the last seal, and how many entries were before them. */
  #stretch = '';
  #sealed = 0;
  /** Lines that no forwarded byte depends on; they go out with the next write. */
  #pending = '';
  #timer: NodeJS.Timeout | undefined;
  #broken = false;
  /** A failure that nobody was told of. */
  #unheard: Error | undefined;

  constructor(sink: RecordingSink, now: () => number) {
    this.#sink = sink;
    this.#now = now;
  }

  /**
   * Appends an entry and everything noted before it.
   *
   * @throws whatever the sink throws; the recorder then refuses every later entry, because a torn
   *   line may be on disk and nothing may be written behind it.
   */
  write(entry: RecordedEntry | EntryText): void {
    this.note(entry);
    this.flush();
  }

  /** Adds an entry that may wait for the next write: outcomes, not permissions. */
  note(entry: RecordedEntry | EntryText): void {
    if (this.#broken) return;
    const line = entryLine(this.#seq, this.#now(), entry);
    this.#seq += 1;
    this.#stretch += line;
    this.#pending += line;
    const isLong = this.#stretch.length >= stretchLengthMax;
    if (isLong || this.#seq - this.#sealed >= stretchMax) this.#seal();
    this.#timer ??= setTimeout(() => this.#sealLate(), sealedAfterMs).unref();
  }

  flush(): void {
    if (this.#broken) throw new Error('the recording is broken off', { cause: this.#unheard });
    if (this.#pending === '') return;
    try {
      this.#sink.append(this.#pending);
    } catch (error) {
      this.#broken = true;
      throw error;
    } finally {
      this.#pending = '';
    }
  }

  /** Writes what is left and releases the file; a failure is the caller's to report. */
  close(): void {
    clearTimeout(this.#timer);
    try {
      if (this.#unheard !== undefined) throw this.#unheard;
      if (this.#broken) return;
      this.#seal();
      this.flush();
    } finally {
      // The descriptor's number may soon be another session's recording: nothing may be written to it any more.
      this.#broken = true;
      this.#sink.close();
    }
  }

  #seal(): void {
    if (this.#stretch === '') return;
    const seal = sealLine(this.#stretch, { entries: this.#seq, prev: this.#hash });
    this.#hash = seal.hash;
    this.#stretch = '';
    this.#sealed = this.#seq;
    this.#pending += seal.line;
  }

  #sealLate(): void {
    this.#timer = undefined;
    if (this.#broken) return;
    try {
      this.#seal();
      this.flush();
    } catch (error) {
      this.#unheard = error instanceof Error ? error : new Error(String(error));
    }
  }
}

export interface FileSink extends RecordingSink {
  /** Removes the file: of a session that never began. */
  readonly discard: () => void;
}

/** What is written at once is short, as a rule, and gone when the next is: all of it passes through the same bytes. */
const passing = Buffer.allocUnsafeSlow(64 * 1024);
/** Of UTF-8 for a UTF-16 unit. */
const unitBytesMax = 3;

/** One file for each session: `<directory>/<day, UTC>/<session id>.jsonl`, readable by the owner. */
export function fileSink(directory: string, session: Session): FileSink {
  const day = new Date(session.startedAt).toISOString().slice(0, 10);
  const folder = join(directory, day);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${session.id}.jsonl`);
  const file = openSync(path, 'ax', 0o600);
  let size = 0;
  return {
    append: (text) => {
      const passes = text.length * unitBytesMax <= passing.length;
      const bytes = passes ? passing : Buffer.from(text);
      const length = passes ? passing.write(text) : bytes.length;
      try {
        for (let done = 0; done < length;) done += writeSync(file, bytes, done, length - done);
        size += length;
      } catch (error) {
        // A full disk takes half a line: without it the recording is whole as far as it goes.
        ftruncateSync(file, size);
        throw error;
      }
    },
    close: () => {
      closeSync(file);
    },
    discard: () => {
      closeSync(file);
      rmSync(path);
    },
  };
}

// Writes recordings: JSON Lines, one file a session, hash-chained. `write` returns only after the
// operating system has the entry, so that what is forwarded next survives the death of this process.

import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { Session } from '../model/index.ts';
import type { EntryMembers, EntryText } from './entry.ts';
import { genesisHash, sealEntry } from './entry.ts';

/** Appends bytes to the evidence; throws when not all of them could be written. */
export interface RecordingSink {
  readonly append: (text: string) => void;
  readonly close: () => void;
}

export interface RecordedEntry extends EntryMembers {
  readonly type: string;
}

export class SessionRecorder {
  readonly #sink: RecordingSink;
  readonly #now: () => number;
  #prev = genesisHash;
  #seq = 0;
  /** Sealed lines that no forwarded byte depends on; they go out with the next write. */
  #pending = '';
  #broken = false;

  constructor(sink: RecordingSink, now: () => number) {
    this.#sink = sink;
    this.#now = now;
  }

  /**
   * Appends an entry and everything noted before it.
   *
   * @throws whatever the sink throws; the recorder then refuses every later entry, because a torn
   *   line may be on disk and nothing may be chained behind it.
   */
  write(entry: RecordedEntry | EntryText): void {
    this.note(entry);
    this.flush();
  }

  /** Adds an entry that may wait for the next write: outcomes, not permissions. */
  note(entry: RecordedEntry | EntryText): void {
    const sealed = sealEntry({ seq: this.#seq, at: this.#now(), prev: this.#prev }, entry);
    this.#prev = sealed.hash;
    this.#seq += 1;
    this.#pending += sealed.line;
  }

  flush(): void {
    if (this.#broken) throw new Error('the recording is broken off');
    if (this.#pending === '') return;
    try {
      this.#sink.append(this.#pending);
    } catch (error) {
      this.#broken = true;
      throw error;
    }
    this.#pending = '';
  }

  /** Writes what is left and releases the file; a failure is the caller's to report. */
  close(): void {
    try {
      if (!this.#broken) this.flush();
    } finally {
      // The descriptor's number may soon be another session's recording: nothing may be written to it any more.
      this.#broken = true;
      this.#sink.close();
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
        // A full disk takes half a line: without it the chain is whole as far as it goes.
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

// One authenticated connection to one target: its recording, and what ends when it ends.

import type { RecordedEntry, Session, SessionRecorder } from '#engine';

export interface SshSessionOptions {
  readonly session: Session;
  readonly recorder: SessionRecorder;
  /** The account on the target. */
  readonly user: string;
}

export class SshSession {
  readonly session: Session;
  readonly user: string;
  readonly #recorder: SessionRecorder;
  readonly #ending = new AbortController();
  #channels = 0;
  #closed = false;

  constructor({ session, recorder, user }: SshSessionOptions) {
    this.session = session;
    this.user = user;
    this.#recorder = recorder;
  }

  /** Aborted when the session ends: before its recording is closed, so that what was under way can still be noted. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** The number of a new channel in the recording. */
  nextChannel(): number {
    return (this.#channels += 1);
  }

  /** @throws what the recorder throws; then nothing more may be forwarded. */
  record(entry: RecordedEntry): void {
    if (this.ending.aborted) throw new Error('the session has ended');
    this.#recorder.write(entry);
  }

  /** An outcome: it may wait for the next entry, and comes to nothing after the end. */
  note(entry: RecordedEntry): void {
    if (!this.#closed) this.#recorder.note(entry);
  }

  /** @throws what the recorder throws. */
  flush(): void {
    if (!this.#closed) this.#recorder.flush();
  }

  /** @throws what the recorder throws when the last entries cannot be written. */
  end(reason: string): void {
    if (this.#closed) return;
    this.#ending.abort();
    this.#closed = true;
    try {
      this.#recorder.note({ type: 'session-end', reason });
    } finally {
      this.#recorder.close();
    }
  }
}

// One caller on one connection to one target: a session, its recording, and the requests that are under way.

import type { Authenticated, RecordedEntry, Session, SessionRecorder } from '#engine';

/** What ends a request that is under way when its session does. */
export type Cut = () => void;

export interface HttpSessionOptions {
  readonly session: Session;
  readonly authenticated: Authenticated;
  readonly recorder: SessionRecorder;
  readonly assertion: () => string;
}

export class HttpSession {
  readonly session: Session;
  readonly authenticated: Authenticated;
  /** The signed name of the caller, for the target. */
  readonly assertion: () => string;
  readonly #recorder: SessionRecorder;
  readonly #underWay = new Set<Cut>();
  #requests = 0;
  #ended = false;

  constructor({ session, authenticated, recorder, assertion }: HttpSessionOptions) {
    this.session = session;
    this.authenticated = authenticated;
    this.assertion = assertion;
    this.#recorder = recorder;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** The number of a new request in the recording. */
  nextRequest(): number {
    return (this.#requests += 1);
  }

  /** Until it is called back, `cut` ends the request when the session ends. */
  track(cut: Cut): () => void {
    this.#underWay.add(cut);
    return () => {
      this.#underWay.delete(cut);
    };
  }

  /** Waits for `work`; if the session ends meanwhile, `cut` ends the request. */
  async during<T>(work: Promise<T>, cut: Cut): Promise<T> {
    const untrack = this.track(cut);
    try {
      return await work;
    } finally {
      untrack();
    }
  }

  /** @throws what the recorder throws; then nothing more may be forwarded. */
  record(entry: RecordedEntry): void {
    if (this.#ended) throw new Error('the session has ended');
    this.#recorder.write(entry);
  }

  /** An outcome: it may wait for the next entry, and comes to nothing after the end. */
  note(entry: RecordedEntry): void {
    if (!this.#ended) this.#recorder.note(entry);
  }

  /** Cuts what is under way and closes the recording; a failure to write it is the caller's to report. */
  end(reason: string): void {
    if (this.#ended) return;
    for (const cut of this.#underWay) cut();
    this.#ended = true;
    try {
      this.#recorder.note({ type: 'session-end', reason });
    } finally {
      this.#recorder.close();
    }
  }
}

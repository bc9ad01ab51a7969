// What every channel of a connection works with.

import type { GuardedTarget } from '../guard/index.ts';
import type { Permit } from '../login/index.ts';
import type { SshServices } from '../services.ts';
import type { Asker } from '../statement.ts';
import type { Counterpart, Counterparts } from './counterpart.ts';
import type { Gate, Waiting } from './gate.ts';
import type { Listeners } from './listeners.ts';
import type { SshSession } from './ssh-session.ts';

export interface Connected {
  readonly services: SshServices;
  readonly session: SshSession;
  readonly gate: Gate;
  /**
   * The connection to the target; opened with the session, so that the first channel waits for less of it.
   *
   * @throws UpstreamError
   */
  readonly target: () => Promise<GuardedTarget>;
  /** Of the caller's channels of type session. */
  readonly counterparts: Counterparts;
  /** What the caller's certificate does not withhold. */
  readonly permits: ReadonlySet<Permit>;
  readonly listeners: Listeners;
  /** Forwards may lead to the target itself. */
  readonly forwardLoopback: boolean;
  /** What terminals would act on is taken out of what is shown on one. */
  readonly terminalFilter: boolean;
  /** Of a command's output beyond what is recorded the outcome has the hash. */
  readonly hashesOutput: boolean;
  /** What cannot be recorded must not go on: the session ends. */
  readonly fail: (error: unknown) => void;
}

/** One channel on which something is asked for. */
export interface Asking extends Waiting {
  readonly connected: Connected;
  readonly asker: Asker;
  /** Of a channel of type session. */
  readonly counterpart?: Counterpart;
}

// What interactive sessions need of the two sides: shapes that channels of ssh2 have, too. RFC 4254 §6.2, §6.7.

import type { Duplex, Readable } from 'node:stream';

/** Characters, then pixels, as a client reports them; 0 is unknown. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
  readonly height: number;
  readonly width: number;
}

export interface Terminal extends WindowSize {
  /** `TERM` of the client. */
  readonly term: string;
}

/** A session channel of the target; it emits `exit` with a status or with null and a signal, then `close`. */
export interface TargetChannel extends Duplex {
  readonly stderr: Readable;
  setWindow(rows: number, columns: number, height: number, width: number): void;
}

/** Runs `command` with a terminal, or with pipes where that is null. Rejects when the target refuses. */
export type OpenChannel = (command: string, terminal: Terminal | null) => Promise<TargetChannel>;

/** How a program of the target ended. */
export interface TargetExit {
  readonly status: number | null;
  readonly signal: string | null;
}

/** Settles when the channel is closed; without a word of the target both are null. */
export const exitOf = (channel: TargetChannel): Promise<TargetExit> =>
  new Promise((resolve) => {
    let exit: TargetExit = { status: null, signal: null };
    channel.on('exit', (status: unknown, signal: unknown) => {
      exit = {
        status: typeof status === 'number' ? status : null,
        signal: typeof signal === 'string' ? signal : null,
      };
    });
    channel.once('close', () => resolve(exit));
  });

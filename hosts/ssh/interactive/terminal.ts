// What interactive sessions use of the channels of both sides.

import type { Channel } from '../guard/index.ts';

export type ClientStreams = Pick<Channel, 'input' | 'output'>;

/** A session channel of the target. */
export type TargetChannel = Pick<
  Channel,
  'input' | 'inputError' | 'output' | 'gone' | 'exit' | 'abort' | 'tell'
>;

/** Runs `command` on the client's kind of terminal, or on pipes. Rejects when the target refuses. */
export type OpenChannel = (command: string, on: 'terminal' | 'pipes') => Promise<TargetChannel>;

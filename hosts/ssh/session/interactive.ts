// A shell request. Raw terminals and guarded shells are not there yet: both are refused.

import type { Refusal } from '../refusal.ts';

export function runInteractive(): Promise<Refusal | undefined> {
  return Promise.resolve({
    code: 'statement-unsupported',
    message: 'interactive shells are not supported',
    hint: 'give the command: ssh TARGET@GATEWAY COMMAND',
  });
}

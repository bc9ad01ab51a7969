// The recordings that a command is asked for, and what their verification says.

import { join } from 'node:path';

import type { Recording, Verification } from '#engine';
import { listRecordings, loadConfig } from '#engine';
import type { ExitCode } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import { reportError } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { harmless } from './terminal.ts';

export const recordingsOf = (config: string): Promise<readonly Recording[]> =>
  listRecordings(join(loadConfig(config).state, 'recordings'));

/** The recordings asked for; without an id all of them. */
export async function selectedRecordings(
  config: string,
  id: string | undefined,
  terminal: Terminal,
): Promise<readonly Recording[] | undefined> {
  const all = await recordingsOf(config);
  if (id === undefined) return all;
  const found = all.filter(({ session }) => session === id);
  if (found.length > 0) return found;
  const hint = 'sallyport sessions list says which there are';
  reportError(terminal, `there is no recording of session ${harmless(id)}`, hint);
  return undefined;
}

export function stateOf(session: string, verification: Verification): string {
  const { state, entries, unsealed, line, why } = verification;
  switch (state) {
    case 'closed':
      return `${session}: intact, ${entries} entries`;
    case 'open':
      return `${session}: intact so far, ${entries} entries, not ended${late(unsealed)}`;
    case 'broken':
      return `${session}: broken at line ${line ?? 0}: ${why ?? ''}`;
  }
}

const late = (unsealed: number): string =>
  unsealed === 0 ? '' : `, the last ${unsealed} unsealed`;

export function codeOf(verifications: readonly Verification[]): ExitCode {
  return verifications.some(({ state }) => state === 'broken') ? exitCodes.failed : exitCodes.ok;
}

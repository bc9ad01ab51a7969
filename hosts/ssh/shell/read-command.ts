// A command's text to facts: what could run, and what it would read, write, delete and reach.

import type { RefusedCommand } from './command-text.ts';
import { checkCommand } from './command-text.ts';
import type { CommandFacts } from './facts.ts';
import { Findings } from './findings.ts';
import type { Place } from './place.ts';
import { startPlace } from './place.ts';
import { readingInto } from './read-text.ts';

export interface ReadCommand {
  readonly kind: 'read';
  readonly facts: CommandFacts;
}

/**
 * Reads what a target's shell would be given. Never throws.
 *
 * @param directory to which relative paths belong; '' where that is not known
 */
export function readCommand(text: string, directory = ''): ReadCommand | RefusedCommand {
  const refused = checkCommand(text);
  if (refused !== undefined) return refused;
  const found = new Findings();
  // `bash -c -x` takes it for options.
  if (/^[-+]/.test(text)) found.doubt('option');
  readAll(text, { ...startPlace, directories: [directory] }, found);
  return { kind: 'read', facts: found.facts() };
}

/** What nests so deep that the stack ends is not understood. */
function readAll(text: string, place: Place, found: Findings): void {
  try {
    readingInto(found).text(text, place);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    found.doubt('size');
  }
}

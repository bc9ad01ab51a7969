// Command lines that were read before: clients that are programs send the same ones again and again.

import type { Asker } from '../statement.ts';
import type { CommandLine } from './command-line.ts';
import { readCommandLine } from './command-line.ts';

const linesMax = 1000;
/** Bytes of a line, and characters of its facts: what is larger seldom comes again. */
const lineBytesMax = 512;
const factsMax = 4096;

const known = new Map<string, Extract<CommandLine, { readonly kind: 'command' }>>();

/**
 * As `readCommandLine`, which looks at nothing but what it is given, from memory where the same was given before. Facts
 * of such lines are frozen: the engine remembers what it ruled on those.
 */
export function readCommandLineAgain(bytes: Buffer, asker: Asker): CommandLine {
  if (bytes.length > lineBytesMax) return readCommandLine(bytes, asker);
  const key = JSON.stringify([asker.user, asker.pty, bytes.toString('latin1')]);
  const before = known.get(key);
  if (before !== undefined) {
    Object.freeze(before.statement.facts);
    return before;
  }
  const line = readCommandLine(bytes, asker);
  if (line.kind !== 'command') return line;
  if (JSON.stringify(line.statement.facts).length > factsMax) return line;
  if (known.size >= linesMax) known.clear();
  known.set(key, line);
  return line;
}

// Reads recordings back and proves or disproves that they are whole.

import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Json } from '../model/index.ts';
import { checkEntry, checkSeal, genesisHash, isSeal, stretchMax } from './entry.ts';

export type Entry = Readonly<Record<string, Json>>;

export interface Verification {
  readonly entries: number;
  /** Of them those at the end that no seal stands for: of the last second, or of the last before the process was killed. */
  readonly unsealed: number;
  /** `open`: intact, but the session has not ended or its process was killed. */
  readonly state: 'closed' | 'open' | 'broken';
  /** For a broken one: the first bad line, from 1, or the first of a stretch that is not what was sealed; and why. */
  readonly line?: number;
  readonly why?: string;
}

export interface Recording {
  readonly session: string;
  readonly day: string;
  readonly file: string;
}

/** All recordings below a directory, oldest day first; none when the directory does not exist. */
export async function listRecordings(directory: string): Promise<readonly Recording[]> {
  const recordings: Recording[] = [];
  for (const day of (await namesIn(directory)).sort()) {
    for (const name of (await namesIn(join(directory, day))).sort()) {
      if (!name.endsWith('.jsonl')) continue;
      recordings.push({ session: name.slice(0, -6), day, file: join(directory, day, name) });
    }
  }
  return recordings;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Yields each entry that its seal stands for, and those that none does yet; the returned value says what is proved. */
export async function* readRecording(file: string): AsyncGenerator<Entry, Verification> {
  let prev = genesisHash;
  let entries = 0;
  let number = 0;
  let ended = false;
  let stretch: Stretch = { lines: [], entries: [] };
  const broken = (line: number, why: string): Verification => ({
    ...{ entries, unsealed: 0, state: 'broken', line, why },
  });
  for await (const line of linesOf(file)) {
    number += 1;
    const { length } = stretch.entries;
    if (isSeal(line)) {
      const check = checkSeal(stretch.lines, line, { entries: entries + length, prev });
      if (check.kind === 'broken') return broken(number - length, check.why);
      prev = check.hash;
      entries += length;
      ended = stretch.entries.at(-1)?.['type'] === 'session-end';
      yield* stretch.entries;
      stretch = { lines: [], entries: [] };
      continue;
    }
    if (ended) return broken(number, 'something follows the end of the session');
    if (length === stretchMax) return broken(number - length, 'a seal is missing');
    const check = checkEntry(line, entries + length);
    if (check.kind === 'broken') return broken(number, check.why);
    stretch.lines.push(line, newline);
    stretch.entries.push(check.entry);
  }
  const unsealed = stretch.entries.length;
  yield* stretch.entries;
  return { entries: entries + unsealed, unsealed, state: ended ? 'closed' : 'open' };
}

/** What no seal was found for yet. */
interface Stretch {
  readonly lines: Buffer[];
  readonly entries: Entry[];
}

/** A line ends at a line feed and nowhere else: entries hold U+2028 and its like as they are. */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]);
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

const newline = Buffer.from('\n');
const lineFeed = 0x0a;

/** Reads a recording to its end for the sake of the verification alone. */
export async function verifyRecording(file: string): Promise<Verification> {
  const entries = readRecording(file);
  for (;;) {
    const next = await entries.next();
    if (next.done === true) return next.value;
  }
}

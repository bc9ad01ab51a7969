// Reads recordings back and proves or disproves that they are whole.

import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Json } from '../model/index.ts';
import { checkLine, genesisHash } from './entry.ts';

export type Entry = Readonly<Record<string, Json>>;

export interface Verification {
  readonly entries: number;
  /** `open`: intact, but the session has not ended or its process was killed. */
  readonly state: 'closed' | 'open' | 'broken';
  /** For a broken chain: the first bad line, from 1, and what is wrong with it. */
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

/** Yields each intact entry in order; the returned value says whether the chain holds. */
export async function* readRecording(file: string): AsyncGenerator<Entry, Verification> {
  let prev = genesisHash;
  let seq = 0;
  let last: Entry | undefined;
  for await (const line of linesOf(file)) {
    const check = checkLine(line, prev, seq);
    if (check.kind === 'broken') {
      return { entries: seq, state: 'broken', line: seq + 1, why: check.why };
    }
    last = check.entry;
    prev = check.hash;
    seq += 1;
    yield last;
  }
  return { entries: seq, state: last?.['type'] === 'session-end' ? 'closed' : 'open' };
}

/** A line ends at a line feed and nowhere else: entries hold U+2028 and its like as they are. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]).toString('utf8');
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
  if (begun.length > 0) yield Buffer.concat(begun).toString('utf8');
}

const lineFeed = 0x0a;

/** Reads a recording to its end for the sake of the verification alone. */
export async function verifyRecording(file: string): Promise<Verification> {
  const entries = readRecording(file);
  for (;;) {
    const next = await entries.next();
    if (next.done === true) return next.value;
  }
}

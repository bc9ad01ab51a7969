// Reads recordings back and proves or disproves that they are whole.

import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Json } from '../model/index.ts';
import {
  checkEntry,
  checkSeal,
  genesisHash,
  isSeal,
  stretchLengthMax,
  stretchMax,
} from './entry.ts';

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
  const reading = new Reading();
  for await (const line of linesOf(file)) {
    const sealed = reading.take(line);
    if (sealed) yield* reading.entries();
    if (reading.fault !== undefined) break;
  }
  if (reading.fault === undefined) yield* reading.entries();
  return reading.verification();
}

interface Line {
  /** Without its newline. */
  readonly bytes: Buffer;
  /** The file ends before its newline does. */
  readonly torn: boolean;
}

interface Fault {
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

class Reading {
  fault: Fault | undefined;
  #number = 0;
  #prev = genesisHash;
  #entries = 0;
  #unsealed = 0;
  #last: Entry | undefined;
  /** Lines behind the last seal, and whether they have their own now. */
  #stretch: Buffer[] = [];
  #stretchBytes = 0;
  #isSealed = true;

  /** True when what came since the last seal has one. */
  take({ bytes, torn }: Line): boolean {
    // Its process was killed in the middle of writing it.
    if (torn && !isWhole(bytes) && !this.#ended) return false;
    this.#number += 1;
    const { length } = this.#stretch;
    if (isSeal(bytes)) return this.#takeSeal(bytes);
    this.#isSealed = false;
    if (length === stretchMax || this.#stretchBytes > stretchBytesMax) {
      this.#break(this.#number - length, 'a seal is missing');
      return false;
    }
    this.#stretch.push(bytes);
    this.#stretchBytes += bytes.length;
    return false;
  }

  /** Those of the stretch, as far as they are what must come next; they are gone then. */
  *entries(): Generator<Entry> {
    const stretch = this.#stretch;
    const first = this.#number - stretch.length - (this.#isSealed ? 1 : 0) + 1;
    this.#stretch = [];
    this.#stretchBytes = 0;
    for (const [at, bytes] of stretch.entries()) {
      const check = checkEntry(bytes, this.#entries);
      if (check.kind === 'broken') return this.#break(first + at, check.why);
      if (this.#ended) return this.#break(first + at, 'something follows the end of the session');
      this.#last = check.entry;
      this.#entries += 1;
      if (!this.#isSealed) this.#unsealed += 1;
      yield check.entry;
    }
  }

  verification(): Verification {
    const entries = this.#entries;
    if (this.fault !== undefined) return { entries, unsealed: 0, state: 'broken', ...this.fault };
    const isClosed = this.#ended && this.#isSealed;
    return { entries, unsealed: this.#unsealed, state: isClosed ? 'closed' : 'open' };
  }

  get #ended(): boolean {
    return this.#last?.['type'] === 'session-end';
  }

  #takeSeal(bytes: Buffer): boolean {
    const { length } = this.#stretch;
    const head = { entries: this.#entries + length, prev: this.#prev };
    const lines = this.#stretch.flatMap((line) => [line, newline]);
    const check = checkSeal(lines, bytes, head);
    if (check.kind === 'broken') this.#break(this.#number - length, check.why);
    else if (length === 0) this.#break(this.#number, 'a seal stands for nothing');
    else this.#prev = check.hash;
    this.#isSealed = this.fault === undefined;
    return this.#isSealed;
  }

  #break(line: number, why: string): void {
    this.fault = { line, why };
  }
}

/** Of lines before one that is not sealed with them. */
const stretchBytesMax = 3 * stretchLengthMax;

function isWhole(line: Buffer): boolean {
  try {
    JSON.parse(line.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** A line ends at a line feed and nowhere else: entries hold U+2028 and its like as they are. */
async function* linesOf(file: string): AsyncGenerator<Line> {
  let begun: Buffer[] = [];
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      yield { bytes: Buffer.concat([...begun, chunk.subarray(start, end)]), torn: false };
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
  if (begun.length > 0) yield { bytes: Buffer.concat(begun), torn: true };
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

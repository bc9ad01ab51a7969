// Lines of a recording: entries, and behind each stretch of them a seal, whose last member is the SHA-256 of all before it back
// to the seal before, which it names: nothing can be altered, removed or moved without breaking every seal behind it.

import { createHash, hash } from 'node:crypto';

import type { Json } from '../model/index.ts';

/** What `prev` of the first seal says. */
export const genesisHash = '0'.repeat(64);
/** Entries that one seal stands for at most. */
export const stretchMax = 64;
/** UTF-16 units of their lines, the last one's not counted. */
export const stretchLengthMax = 64 * 1024;

const sealBegin = '{"type":"seal",';
const hashMember = ',"hash":"';
const sealTailLength = hashMember.length + 64 + '"}'.length;

/** At least one; those that are undefined are left out. */
export type EntryMembers = Readonly<Record<string, Json | undefined>>;

declare const isMembers: unique symbol;
/** Members as JSON text without the braces around them, whose writer answers for its being JSON. */
export type EntryText = string & { readonly [isMembers]: true };

export const entryText = (members: string): EntryText => members as EntryText;

/** An entry's line, with the newline. @param at milliseconds since the Unix epoch */
export function entryLine(seq: number, at: number, entry: EntryMembers | EntryText): string {
  const members = typeof entry === 'string' ? entry : JSON.stringify(entry).slice(1, -1);
  return `{"seq":${seq},"at":${at},${members}}\n`;
}

/** What a seal says besides its hash. */
export interface SealHead {
  /** Entries before it, from the beginning of the recording. */
  readonly entries: number;
  /** The hash of the seal before it. */
  readonly prev: string;
}

/** The seal of a stretch's lines as its own line, with the newline, and the hash that the next seal names. */
export function sealLine(
  lines: string,
  { entries, prev }: SealHead,
): { readonly line: string; readonly hash: string } {
  const open = `${sealBegin}"entries":${entries},"prev":"${prev}"`;
  const digest = hash('sha256', lines + open);
  return { line: `${open}${hashMember}${digest}"}\n`, hash: digest };
}

export const isSeal = (line: Buffer): boolean =>
  line.toString('latin1', 0, sealBegin.length) === sealBegin;

export type SealCheck =
  | { readonly kind: 'intact'; readonly hash: string }
  | { readonly kind: 'broken'; readonly why: string };

/**
 * Checks a seal against what it must stand for.
 *
 * @param lines with their newlines
 * @param line without its newline
 */
export function checkSeal(
  lines: readonly Buffer[],
  line: Buffer,
  { entries, prev }: SealHead,
): SealCheck {
  const open = line.subarray(0, -sealTailLength);
  const tail = line.toString('latin1', open.length);
  const digest = createHash('sha256');
  for (const each of [...lines, open]) digest.update(each);
  const found = digest.digest('hex');
  if (tail !== `${hashMember}${found}"}`) {
    return { kind: 'broken', why: 'an entry or its seal was altered' };
  }
  const due = `${sealBegin}"entries":${entries},"prev":"${prev}"`;
  if (open.toString('latin1') !== due) {
    return { kind: 'broken', why: 'an entry before this one is missing' };
  }
  return { kind: 'intact', hash: found };
}

export type EntryCheck =
  | { readonly kind: 'intact'; readonly entry: Readonly<Record<string, Json>> }
  | { readonly kind: 'broken'; readonly why: string };

/** What an entry's line holds, when it is the one that must come next; whether it was altered only its seal can tell. */
export function checkEntry(line: Buffer, seq: number): EntryCheck {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return { kind: 'broken', why: 'the line is no entry' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'broken', why: 'the line is no entry' };
  }
  const entry = value as Readonly<Record<string, Json>>;
  if (entry['seq'] !== seq) return { kind: 'broken', why: 'the sequence number is wrong' };
  return { kind: 'intact', entry };
}

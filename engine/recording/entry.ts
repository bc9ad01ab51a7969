// One line of a recording: JSON whose last member is the SHA-256 of all before it, `prev` included, so
// that no entry can be altered, removed or moved without breaking every hash behind it.

import { hash } from 'node:crypto';

import type { Json } from '../model/index.ts';

/** What `prev` of the first entry says. */
export const genesisHash = '0'.repeat(64);

const hashMember = ',"hash":"';
const lineTailLength = hashMember.length + 64 + '"}'.length;

/** At least one; those that are undefined are left out. */
export type EntryMembers = Readonly<Record<string, Json | undefined>>;

declare const isMembers: unique symbol;
/** Members as JSON text without the braces around them, whose writer answers for its being JSON. */
export type EntryText = string & { readonly [isMembers]: true };

export const entryText = (members: string): EntryText => members as EntryText;

/** Where an entry stands. */
export interface EntryHead {
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly prev: string;
}

/** One entry as its line, with the newline, and the hash that the next entry names. */
export function sealEntry(
  { seq, at, prev }: EntryHead,
  entry: EntryMembers | EntryText,
): { readonly line: string; readonly hash: string } {
  const members = typeof entry === 'string' ? entry : JSON.stringify(entry).slice(1, -1);
  const open = `{"seq":${seq},"at":${at},"prev":"${prev}",${members}`;
  const digest = hash('sha256', open);
  return { line: `${open}${hashMember}${digest}"}\n`, hash: digest };
}

export type EntryCheck =
  | {
      readonly kind: 'intact';
      readonly entry: Readonly<Record<string, Json>>;
      readonly hash: string;
    }
  | { readonly kind: 'broken'; readonly why: string };

/** Checks one line (without its newline) against the hash and sequence number that must come next. */
export function checkLine(line: string, prev: string, seq: number): EntryCheck {
  const open = line.slice(0, -lineTailLength);
  const tail = line.slice(-lineTailLength);
  if (!tail.startsWith(hashMember) || !tail.endsWith('"}')) {
    return { kind: 'broken', why: 'the line does not end in a hash' };
  }
  const digest = tail.slice(hashMember.length, -2);
  if (hash('sha256', open) !== digest) return { kind: 'broken', why: 'the entry was altered' };
  const entry = JSON.parse(`${open}}`) as Record<string, Json>;
  if (entry['prev'] !== prev) return { kind: 'broken', why: 'an entry before this one is missing' };
  if (entry['seq'] !== seq) return { kind: 'broken', why: 'the sequence number is wrong' };
  return { kind: 'intact', entry, hash: digest };
}

// Values as COPY writes them in text and CSV, and back (PostgreSQL "COPY", File Formats).

import type { CopyLayout } from '../sql/index.ts';

const backslash = 0x5c;

/** What text format writes for control characters, by the letter behind the backslash. */
const letters = new Map<number, number>(
  Object.entries({ b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }).map(([letter, code]) => [
    letter.charCodeAt(0),
    code,
  ]),
);
const escaped = new Map(Array.from(letters, ([letter, code]) => [code, letter]));

export function unescapeField(field: Buffer, { kind, quote, escape }: CopyLayout): Buffer {
  if (!field.includes(kind === 'text' ? backslash : quote)) return field;
  const bytes: number[] = [];
  let isQuoted = false;
  for (let at = 0; at < field.length; at += 1) {
    const byte = field[at] ?? 0;
    const next = field[at + 1];
    if (kind === 'text') {
      if (byte === backslash && next !== undefined) at += 1;
      bytes.push(byte === backslash && next !== undefined ? (letters.get(next) ?? next) : byte);
    } else if (isQuoted && byte === escape && (next === quote || next === escape)) {
      bytes.push(next);
      at += 1;
    } else if (byte === quote) isQuoted = !isQuoted;
    else bytes.push(byte);
  }
  return Buffer.from(bytes);
}

/** Of a value that is not NULL. */
export function escapeField(value: Buffer, layout: CopyLayout): Buffer {
  const { kind, delimiter, quote, escape, nullText } = layout;
  const isPlain = !(kind === 'csv' && value.equals(nullText)) && !hasSpecial(value, layout);
  if (isPlain) return value;
  const bytes: number[] = kind === 'csv' ? [quote] : [];
  for (const byte of value) {
    const letter = escaped.get(byte);
    if (kind === 'csv') {
      if (byte === quote || byte === escape) bytes.push(escape);
      bytes.push(byte);
    } else if (letter !== undefined) bytes.push(backslash, letter);
    else if (byte === backslash || byte === delimiter) bytes.push(backslash, byte);
    else bytes.push(byte);
  }
  if (kind === 'csv') bytes.push(quote);
  return Buffer.from(bytes);
}

function hasSpecial(value: Buffer, { kind, delimiter, quote, escape }: CopyLayout): boolean {
  const [one, other] = kind === 'text' ? [backslash, backslash] : [quote, escape];
  for (const byte of value) {
    if (byte < 0x20 || byte === delimiter || byte === one || byte === other) return true;
  }
  return false;
}

// Masks of COPY … TO STDOUT in text and CSV: the server sends one row a message, which is taken apart by the layout of
// the statement (PostgreSQL "COPY", File Formats). Anything that does not fit ends the session.

import type { Engine } from '#engine';
import { UpstreamError } from '#engine';

import type { CopyLayout, ResultColumn, ResultMasks } from '../sql/index.ts';
import { encodeCopyData } from '../wire/index.ts';
import { fixedValues, textTypes } from './fixed-values.ts';

const newline = 0x0a;
const backslash = 0x5c;

/** What text format writes for control characters, by the letter behind the backslash. */
const letters = new Map<number, number>(
  Object.entries({ b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }).map(([letter, code]) => [
    letter.charCodeAt(0),
    code,
  ]),
);
const escaped = new Map(Array.from(letters, ([letter, code]) => [code, letter]));

export class CopyMasker {
  readonly #engine: Engine;
  readonly #columns: readonly ResultColumn[];
  readonly #layout: CopyLayout;
  #headerDue: boolean;

  constructor(engine: Engine, masks: ResultMasks) {
    if (masks.columns === undefined || masks.copy === undefined) {
      throw contradiction('a COPY has other columns than its statement');
    }
    this.#engine = engine;
    this.#columns = masks.columns;
    this.#layout = masks.copy;
    this.#headerDue = masks.copy.hasHeader;
  }

  /** The message for one row, from the bytes of the server's. */
  rewrite(row: Buffer): Buffer {
    const fields = this.#fieldsOf(row);
    const isHeader = this.#headerDue;
    this.#headerDue = false;
    const parts: Buffer[] = [];
    for (const [at, field] of fields.entries()) {
      const column = this.#columns[at];
      if (at > 0) parts.push(Buffer.of(this.#layout.delimiter));
      if (column?.strategy === undefined) parts.push(field);
      else if (isHeader) parts.push(this.#heading(field, column));
      else parts.push(this.#masked(field, column));
    }
    parts.push(Buffer.of(newline));
    return encodeCopyData(Buffer.concat(parts));
  }

  #fieldsOf(row: Buffer): readonly Buffer[] {
    const { kind, delimiter, quote, escape } = this.#layout;
    const fields: Buffer[] = [];
    const end = row.length - 1;
    if (row[end] !== newline) throw contradiction('a row of a COPY does not end with its message');
    let start = 0;
    let isQuoted = false;
    for (let at = 0; at < end; at += 1) {
      const byte = row[at];
      if (kind === 'text') {
        if (byte === backslash) at += 1;
        else if (byte === newline) throw contradiction('a message of a COPY holds several rows');
      } else if (isQuoted && byte === escape && escape !== quote) at += 1;
      else if (byte === quote) isQuoted = !isQuoted;
      else if (byte === newline && !isQuoted) {
        throw contradiction('a message of a COPY holds several rows');
      }
      if (byte === delimiter && !isQuoted) {
        fields.push(row.subarray(start, at));
        start = at + 1;
      }
    }
    if (isQuoted) throw contradiction('a row of a COPY ends inside quotes');
    fields.push(row.subarray(start, end));
    if (fields.length !== this.#columns.length) {
      throw contradiction('a row of a COPY has other columns than its statement');
    }
    return fields;
  }

  /** Should the first row be none of names, it must not pass for one. */
  #heading(field: Buffer, { name }: ResultColumn): Buffer {
    if (this.#unescape(field).toString() === name) return field;
    throw contradiction('a COPY has another header than its statement');
  }

  #masked(field: Buffer, { strategy, type }: ResultColumn): Buffer {
    const { nullText } = this.#layout;
    if (strategy === undefined || field.equals(nullText)) return nullText;
    const value = textTypes.has(type ?? 0)
      ? this.#engine.mask(this.#unescape(field), strategy)
      : strategy === 'fixed'
        ? (fixedValues.get(type ?? 0)?.text ?? null)
        : null;
    return value === null ? nullText : this.#escape(value);
  }

  #unescape(field: Buffer): Buffer {
    const { kind, quote, escape } = this.#layout;
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

  #escape(value: Buffer): Buffer {
    const { kind, delimiter, quote, escape } = this.#layout;
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
}

const contradiction = (why: string): UpstreamError =>
  new UpstreamError('upstream-broken', why, {
    hint: 'the catalog is read again: connect again and repeat the statement',
  });

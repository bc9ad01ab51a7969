// Masks of COPY … TO STDOUT in text and CSV: the server sends one row a message, which is taken apart by the layout of
// the statement (PostgreSQL "COPY", File Formats). Anything that does not fit ends the session.

import type { Engine } from '#engine';
import { UpstreamError } from '#engine';

import type { CopyLayout, ResultColumn, ResultMasks } from '../sql/index.ts';
import type { FrameView } from '../wire/index.ts';
import { OutgoingBytes, headerBytes } from '../wire/index.ts';
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

/** Rewrites the rows of one COPY; `take` hands over what is ready. */
export class CopyMasker {
  readonly #engine: Engine;
  readonly #columns: readonly ResultColumn[];
  readonly #layout: CopyLayout;
  readonly #out = new OutgoingBytes();
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

  take(): Buffer {
    return this.#out.take();
  }

  /** A CopyData message with one row. */
  append({ buffer, start, end }: FrameView): void {
    const { kind, delimiter, quote } = this.#layout;
    const special = kind === 'text' ? backslash : quote;
    const out = this.#out;
    const before = out.waiting;
    const last = end - 1;
    out.reserve(end - start);
    if (last < start + headerBytes || buffer[last] !== newline) {
      throw contradiction('a row of a COPY does not end with its message');
    }
    let [kept, from, at, index] = [start, start + headerBytes, start + headerBytes, 0];
    for (; at <= last; at += 1) {
      const byte = buffer[at];
      if (at < last && byte !== delimiter) {
        if (byte === special || byte === newline) at = this.#skip(buffer, at, last);
        if (at < last) continue;
      }
      const column = this.#columns[index];
      if (column === undefined) throw otherColumns();
      if (column.strategy !== undefined) {
        const value = this.#replacement(buffer.subarray(from, at), column);
        out.reserve(from - kept + value.length + (end - at));
        out.copy(buffer, kept, from);
        out.copy(value, 0, value.length);
        kept = at;
      }
      from = at + 1;
      index += 1;
    }
    if (index !== this.#columns.length) throw otherColumns();
    out.copy(buffer, kept, end);
    this.#headerDue = false;
    const size = out.waiting - before;
    out.int32Back(size - 1, size - 1);
  }

  /** The last of the bytes that belong together with the one at `at`: an escape and what it escapes, or all in quotes. */
  #skip(buffer: Buffer, at: number, last: number): number {
    const { kind, quote, escape } = this.#layout;
    const byte = buffer[at];
    if (byte === newline) throw contradiction('a message of a COPY holds several rows');
    if (kind === 'text') return byte === backslash ? Math.min(at + 1, last) : at;
    if (byte !== quote) return at;
    for (let next = at + 1; next < last; next += 1) {
      if (buffer[next] === escape && escape !== quote) next += 1;
      else if (buffer[next] === quote) return next;
    }
    throw contradiction('a row of a COPY ends inside quotes');
  }

  #replacement(field: Buffer, column: ResultColumn): Buffer {
    return this.#headerDue ? this.#heading(field, column) : this.#masked(field, column);
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

  #hasSpecial(value: Buffer): boolean {
    const { kind, delimiter, quote, escape } = this.#layout;
    const [one, other] = kind === 'text' ? [backslash, backslash] : [quote, escape];
    for (const byte of value) {
      if (byte < 0x20 || byte === delimiter || byte === one || byte === other) return true;
    }
    return false;
  }

  #escape(value: Buffer): Buffer {
    const { kind, delimiter, quote, escape, nullText } = this.#layout;
    const isPlain = !(kind === 'csv' && value.equals(nullText)) && !this.#hasSpecial(value);
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
}

const otherColumns = (): UpstreamError =>
  contradiction('a row of a COPY has other columns than its statement');

const contradiction = (why: string): UpstreamError =>
  new UpstreamError('upstream-broken', why, {
    hint: 'the catalog is read again: connect again and repeat the statement',
  });

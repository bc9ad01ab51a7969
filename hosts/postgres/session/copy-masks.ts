// Masks of COPY … TO STDOUT in text and CSV: the server sends one row a message, which is taken apart by the layout of
// the statement (PostgreSQL "COPY", File Formats). Anything that does not fit ends the session.

import type { Engine, MaskStrategy } from '#engine';
import { UpstreamError } from '#engine';

import type { CopyLayout, ResultColumn, ResultMasks } from '../sql/index.ts';
import type { FrameView, MovingView } from '../wire/index.ts';
import { RewrittenBytes, backend, headerBytes } from '../wire/index.ts';
import { escapeField, unescapeField } from './copy-fields.ts';
import { fixedValues, textTypes } from './fixed-values.ts';

const newline = 0x0a;
const backslash = 0x5c;
const nothing = Buffer.alloc(0);

/** What a byte of a row is to who looks for the ends of fields. */
const plain = 0;
const delimiting = 1;
const special = 2;

/** What masked text may consist of besides parts of its value: in a layout that uses none of these it needs no escapes. */
const marks = Buffer.from('*0123456789abcdef');

/** The field that ends at `to`; `escapes` counts what in it is escaped or in quotes. */
interface Written {
  readonly from: number;
  readonly to: number;
  readonly escapes: number;
}

type MaskingEngine = Pick<Engine, 'mask' | 'maskInto'>;

interface MaskedField {
  readonly name: string | undefined;
  /** Of text; any other type is replaced by a value for all rows. */
  readonly strategy: MaskStrategy | undefined;
  readonly constant: Buffer;
}

/** Rewrites the rows of one COPY; `take` hands over what is ready. */
export class CopyMasker {
  readonly #engine: MaskingEngine;
  readonly #fields: readonly (MaskedField | undefined)[];
  readonly #layout: CopyLayout;
  readonly #kinds: Uint8Array;
  readonly #isUsual: boolean;
  readonly #out = new RewrittenBytes();
  readonly #value: MovingView = { buffer: nothing, start: 0, end: 0 };
  #headerDue: boolean;

  constructor(engine: MaskingEngine, { columns, copy }: ResultMasks) {
    if (columns === undefined || copy === undefined) {
      throw contradiction('a COPY has other columns than its statement');
    }
    this.#engine = engine;
    this.#layout = copy;
    this.#fields = columns.map((column) => maskedField(column, copy));
    this.#kinds = kindsOf(copy);
    this.#isUsual =
      marks.every((mark) => this.#kinds[mark] === plain && mark !== copy.escape) &&
      ['', '\\N'].includes(copy.nullText.toString('latin1'));
    this.#headerDue = copy.hasHeader;
  }

  take(): Buffer {
    return this.#out.take();
  }

  /** Whole CopyData messages with one row each, one behind the other; should one not fit, none of them is written. */
  rewrite(rows: FrameView): void {
    this.#value.buffer = rows.buffer;
    this.#out.from(rows, () => {
      for (let at = rows.start; at < rows.end;) at = this.#rewriteRow(rows, at);
    });
    this.#value.buffer = nothing;
  }

  /** Answers where the next row begins. */
  #rewriteRow({ buffer, end }: FrameView, row: number): number {
    const rowEnd = row + 1 + buffer.readInt32BE(row + 1);
    const last = rowEnd - 1;
    if (buffer[row] !== backend.copyData || rowEnd > end || last < row + headerBytes) {
      throw contradiction('a row of a COPY does not fit its message');
    }
    if (buffer[last] !== newline) {
      throw contradiction('a row of a COPY does not end with its message');
    }
    const kinds = this.#kinds;
    let from = row + headerBytes;
    let [index, escapes, grown] = [0, 0, 0];
    for (let at = from; at <= last; at += 1) {
      // The newline at `last` ends this loop at the latest.
      while (kinds[buffer[at] ?? 0] === plain) at += 1;
      if (at < last && kinds[buffer[at] ?? 0] === special) {
        escapes += 1;
        at = this.#skip(buffer, at, last);
        if (at < last) continue;
      }
      if (index === this.#fields.length) throw otherColumns();
      const field = this.#fields[index];
      if (field !== undefined) grown += this.#replace(field, { from, to: at, escapes });
      from = at + 1;
      index += 1;
      escapes = 0;
    }
    if (index !== this.#fields.length) throw otherColumns();
    this.#headerDue = false;
    if (grown !== 0) this.#out.resize(row, rowEnd, grown);
    return rowEnd;
  }

  /** The last of the bytes that belong together with the one at `at`: an escape and what it escapes, or all in quotes. */
  #skip(buffer: Buffer, at: number, last: number): number {
    const { kind, quote, escape } = this.#layout;
    if (buffer[at] === newline) throw contradiction('a message of a COPY holds several rows');
    if (kind === 'text') return Math.min(at + 1, last);
    for (let next = at + 1; next < last; next += 1) {
      if (buffer[next] === escape && escape !== quote) next += 1;
      else if (buffer[next] === quote) return next;
    }
    throw contradiction('a row of a COPY ends inside quotes');
  }

  /** Answers by how much the field grows. */
  #replace(field: MaskedField, { from, to, escapes }: Written): number {
    const { nullText } = this.#layout;
    const value = this.#value;
    if (this.#headerDue) {
      this.#checkHeading(value.buffer.subarray(from, to), field);
      return 0;
    }
    if (isAt(nullText, value.buffer, from, to)) return 0;
    const out = this.#out;
    out.leaveOut(from, to);
    const before = out.waiting;
    if (field.strategy === undefined) out.bytes(field.constant);
    else if (escapes === 0 && this.#isUsual) {
      value.start = from;
      value.end = to;
      if (!this.#engine.maskInto(value, field.strategy, out)) out.bytes(nullText);
    } else out.bytes(this.#masked(value.buffer.subarray(from, to), field.strategy));
    return out.waiting - before - (to - from);
  }

  /** Should the first row be none of names, it must not pass for one. */
  #checkHeading(field: Buffer, { name }: MaskedField): void {
    if (unescapeField(field, this.#layout).toString() === name) return;
    throw contradiction('a COPY has another header than its statement');
  }

  #masked(field: Buffer, strategy: MaskStrategy): Buffer {
    const value = this.#engine.mask(unescapeField(field, this.#layout), strategy);
    return value === null ? this.#layout.nullText : escapeField(value, this.#layout);
  }
}

function maskedField({ strategy, type, name }: ResultColumn, layout: CopyLayout) {
  if (strategy === undefined) return undefined;
  const value = strategy === 'fixed' ? fixedValues.get(type ?? 0)?.text : undefined;
  const constant = value === undefined ? layout.nullText : escapeField(value, layout);
  return { name, strategy: textTypes.has(type ?? 0) ? strategy : undefined, constant };
}

function kindsOf({ kind, delimiter, quote }: CopyLayout): Uint8Array {
  const kinds = new Uint8Array(256);
  kinds[newline] = special;
  kinds[kind === 'text' ? backslash : quote] = special;
  kinds[delimiter] = delimiting;
  return kinds;
}

function isAt(expected: Buffer, buffer: Buffer, from: number, to: number): boolean {
  if (to - from !== expected.length) return false;
  for (let at = 0; at < expected.length; at += 1) {
    if (buffer[from + at] !== expected[at]) return false;
  }
  return true;
}

const otherColumns = (): UpstreamError =>
  contradiction('a row of a COPY has other columns than its statement');

const contradiction = (why: string): UpstreamError =>
  new UpstreamError('upstream-broken', why, {
    hint: 'the catalog is read again: connect again and repeat the statement',
  });

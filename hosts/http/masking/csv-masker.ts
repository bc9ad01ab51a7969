// Masks text/csv, RFC 4180: comma, quotes, a header line. Records go out whole, so that a row that does not fit its header
// shows nothing.

import type { Automaton } from './automaton.ts';
import type { BodyMasker } from './masker.ts';
import { parseCsvRecord, quoteCsv, type CsvField } from './csv-record.ts';
import { columnStrategy } from './csv-column.ts';
import { MaskError } from './mask-error.ts';
import { Outbox } from './outbox.ts';
import { Utf8Check } from './utf8-check.ts';
import type { ValueMasker } from './value-masker.ts';

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nothing = Buffer.alloc(0);
const byteOrderMark = Buffer.from('\ufeff');
/** Other separators that programs write under this type: their header would be one column of no known name. */
const otherSeparators = /[;|\t]/;

export class CsvMasker implements BodyMasker {
  readonly #automaton: Automaton;
  readonly #values: ValueMasker;
  readonly #utf8 = new Utf8Check();
  readonly #out = new Outbox();
  /** Of a record that is not whole yet. */
  readonly #pieces: Buffer[] = [];
  #heldBytes = 0;
  #isQuoted = false;
  /** For each column a strategy's code; undefined before the header. */
  #columns: readonly number[] | undefined;

  constructor(automaton: Automaton, values: ValueMasker) {
    this.#automaton = automaton;
    this.#values = values;
  }

  push(chunk: Buffer): Buffer {
    this.#utf8.push(chunk);
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === quote) this.#isQuoted = !this.#isQuoted;
      if (byte !== lineFeed || this.#isQuoted) continue;
      this.#record(this.#gathered(chunk.subarray(start, at + 1)));
      start = at + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
    return this.#out.take();
  }

  end(): Buffer {
    this.#utf8.end();
    if (this.#isQuoted) throw malformed('quoted field without an end');
    if (this.#heldBytes > 0) this.#record(this.#gathered(nothing));
    return this.#out.take();
  }

  #hold(piece: Buffer): void {
    this.#pieces.push(Buffer.from(piece));
    this.#heldBytes += piece.length;
    this.#checkSize(this.#heldBytes);
  }

  #gathered(piece: Buffer): Buffer {
    this.#checkSize(this.#heldBytes + piece.length);
    this.#heldBytes = 0;
    return this.#pieces.length === 0 ? piece : Buffer.concat([...this.#pieces.splice(0), piece]);
  }

  #checkSize(bytes: number): void {
    const { recordBytesMax } = this.#values.limits;
    if (bytes > recordBytesMax) {
      throw new MaskError('record-too-large', `record of more than ${recordBytesMax} bytes`);
    }
  }

  /** `line` with its line end, which only the last record may lack. */
  #record(line: Buffer): void {
    const feed = line.at(-1) === lineFeed ? 1 : 0;
    const end = line.length - feed - (feed === 1 && line.at(-2) === carriageReturn ? 1 : 0);
    const isFirst = this.#columns === undefined;
    const hasMark = isFirst && line.subarray(0, byteOrderMark.length).equals(byteOrderMark);
    const start = hasMark ? byteOrderMark.length : 0;
    const record = line.subarray(start, end);
    const fields = parseCsvRecord(record);
    this.#columns ??= this.#header(fields);
    if (record.length > 0) this.#checkWidth(fields.length, this.#columns.length);
    this.#out.append(line, 0, start);
    fields.forEach((field, index) => this.#field(field, index, isFirst));
    this.#out.append(line, end);
  }

  #header(fields: readonly CsvField[]): readonly number[] {
    if (!this.#values.hasFields) return fields.map(() => 0);
    const names = fields.map(({ text }) => text.toString('utf8'));
    if (names.some((name) => otherSeparators.test(name)))
      throw malformed('not separated by commas');
    const columns = names.map((name, index) => columnStrategy(this.#automaton, name, index));
    if (columns.every((code) => code === 0)) throw malformed('no column has a selected name');
    return columns;
  }

  #checkWidth(width: number, columns: number): void {
    if (this.#values.hasFields && width !== columns) {
      throw malformed(`record of ${width} fields under a header of ${columns}`);
    }
  }

  #field({ raw, text }: CsvField, index: number, isHeader: boolean): void {
    if (index > 0) this.#out.append(comma);
    const code = isHeader ? 0 : (this.#columns?.[index] ?? 0);
    const masked =
      code === 0 ? this.#values.found(text) : (this.#values.selected(text, code) ?? nothing);
    this.#out.append(masked === undefined ? raw : quoteCsv(masked, raw[0] === quote));
  }
}

const comma = Buffer.from(',');

const malformed = (message: string): MaskError => new MaskError('csv-malformed', message);

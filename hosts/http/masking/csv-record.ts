// One record of CSV, RFC 4180 §2: fields between commas, plain or in quotes.

import { MaskError } from './mask-error.ts';

export interface CsvField {
  /** As it came, quotes included. */
  readonly raw: Buffer;
  /** What it says. */
  readonly text: Buffer;
}

const quote = 0x22;
const comma = 0x2c;
const carriageReturn = 0x0d;

/** `record` without its line end. Programs differ about a quote inside a plain field: it is refused. */
export const parseCsvRecord = (record: Buffer): readonly CsvField[] => {
  const fields: CsvField[] = [];
  for (let at = 0; at <= record.length;) {
    const end = record[at] === quote ? quotedEnd(record, at) : plainEnd(record, at);
    const raw = record.subarray(at, end);
    fields.push({ raw, text: raw[0] === quote ? unquote(raw) : raw });
    at = end + 1;
  }
  return fields;
};

const plainEnd = (record: Buffer, start: number): number => {
  const found = record.indexOf(comma, start);
  const end = found === -1 ? record.length : found;
  const field = record.subarray(start, end);
  if (field.includes(quote)) throw malformed('quote in a plain field');
  if (field.includes(carriageReturn)) throw malformed('carriage return without a line feed');
  return end;
};

const quotedEnd = (record: Buffer, start: number): number => {
  let at = record.indexOf(quote, start + 1);
  while (at !== -1 && record[at + 1] === quote) at = record.indexOf(quote, at + 2);
  if (at === -1) throw malformed('quoted field without an end');
  const end = at + 1;
  if (end < record.length && record[end] !== comma) throw malformed('text behind a quoted field');
  return end;
};

const unquote = (raw: Buffer): Buffer => {
  const inner = raw.subarray(1, -1);
  return inner.includes(quote) ? Buffer.from(inner.toString('utf8').replaceAll('""', '"')) : inner;
};

/** A field of this text; in quotes where it must be, or `always`. */
export const quoteCsv = (text: Buffer, always: boolean): Buffer => {
  const said = text.toString('utf8');
  return always || /[",\r\n]/.test(said) ? Buffer.from(`"${said.replaceAll('"', '""')}"`) : text;
};

const malformed = (message: string): MaskError => new MaskError('csv-malformed', message);

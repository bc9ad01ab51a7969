// How COPY … TO STDOUT writes rows, from its options (PostgreSQL "COPY", File Formats).

import type { DefElem, Node } from 'libpg-query';

import { only, stringOf } from './ast.ts';

/** Text and CSV; characters are single bytes. */
export interface CopyLayout {
  readonly kind: 'text' | 'csv';
  readonly delimiter: number;
  /** What stands for NULL, as written. */
  readonly nullText: Buffer;
  readonly quote: number;
  readonly escape: number;
  readonly hasHeader: boolean;
}

/** Undefined for formats and options in which rows cannot be taken apart for certain. */
export function copyLayoutOf(options: readonly Node[] | undefined): CopyLayout | undefined {
  const given = new Map<string, string>();
  for (const node of options ?? []) {
    const option = only(node, 'DefElem');
    const name = option?.defname ?? '';
    if (option === undefined || !known.has(name) || given.has(name)) return undefined;
    given.set(name, wordOf(option));
  }
  const kind = given.get('format') ?? 'text';
  if (kind !== 'text' && kind !== 'csv') return undefined;
  const header = given.get('header') ?? 'false';
  const isOn = /^(true|on|1)$/i.test(header);
  if (!isOn && !/^(false|off|0)$/i.test(header)) return undefined;
  const quote = byteOf(given.get('quote') ?? '"');
  const delimiter = byteOf(given.get('delimiter') ?? (kind === 'csv' ? ',' : '\t'));
  const escape = byteOf(given.get('escape') ?? given.get('quote') ?? '"');
  if (quote === undefined || delimiter === undefined || escape === undefined) return undefined;
  const nullText = Buffer.from(given.get('null') ?? (kind === 'csv' ? '' : '\\N'));
  return { kind, delimiter, nullText, quote, escape, hasHeader: isOn };
}

const known = new Set(['format', 'header', 'delimiter', 'null', 'quote', 'escape', 'force_quote']);

function wordOf({ arg }: DefElem): string {
  const flag = only(arg, 'Boolean');
  if (flag !== undefined) return String(flag.boolval === true);
  const number = only(arg, 'Integer');
  if (number !== undefined) return String(number.ival ?? 0);
  // Without a word, such as `header`, it is on.
  return arg === undefined ? 'true' : stringOf(arg);
}

function byteOf(character: string): number | undefined {
  const bytes = Buffer.from(character);
  return bytes.length === 1 ? bytes[0] : undefined;
}

// Options as getopt_long reads them, from tables that say of each what its value is for.

import { strict as assert } from 'node:assert';

import type { Value } from './value.ts';
import { isSingle, literal, mayBeOption } from './value.ts';

/**
 * What a word of argv is for. `target`: a directory that is written instead of the last operand. `move`: read and deleted.
 * `change`: read and written. `code`: a shell's program. `runs`: makes the program run something in a way that is not read
 * here. `remote`: a path, or `host:path`.
 */
export type Role =
  | 'flag'
  | 'text'
  | 'read'
  | 'write'
  | 'delete'
  | 'move'
  | 'change'
  | 'target'
  | 'directory'
  | 'host'
  | 'url'
  | 'remote'
  | 'user'
  | 'code'
  | 'runs';

interface OptionRow {
  readonly role: Role;
  readonly value: 'none' | 'required' | 'optional';
}

export interface OptionTable {
  readonly rows: ReadonlyMap<string, OptionRow>;
  /** Options that are in no row are flags that do nothing of interest. */
  readonly isTame: boolean;
  /** Operands may stand before options. */
  readonly permutes: boolean;
}

/**
 * Reads a table: `-abc` are flags, `-u:user` and `--user:user` take a value, `-x?text` and `--x?text` may have one attached,
 * `-R!` and `--run!` make the program run something.
 */
export function optionTable(
  text: string,
  { isTame = false, permutes = true }: { isTame?: boolean; permutes?: boolean } = {},
): OptionTable {
  const rows = new Map<string, OptionRow>();
  for (const entry of text.split(/\s+/)) {
    const [, name = '', kind = '', role = ''] = /^(--?[^:?!]+)([:?!]?)(.*)$/.exec(entry) ?? [];
    if (name === '') continue;
    assert(!/^-\w/.test(name) || name.length === 2 || !/[:?]/.test(kind), entry);
    assert(!rows.has(name), entry);
    const row: OptionRow =
      kind === ''
        ? { role: 'flag', value: 'none' }
        : kind === '!'
          ? { role: 'runs', value: 'none' }
          : { role: role as Role, value: kind === ':' ? 'required' : 'optional' };
    if (name.startsWith('--')) rows.set(name, row);
    else {
      for (const letter of name.slice(1)) {
        assert(!rows.has(`-${letter}`), `${entry}: ${letter}`);
        rows.set(`-${letter}`, row);
      }
    }
  }
  return { rows, isTame, permutes };
}

export interface GivenOption {
  readonly name: string;
  readonly role: Role;
  readonly value: Value;
}

export interface GivenOptions {
  readonly options: readonly GivenOption[];
  readonly operands: readonly Value[];
  /** An option that is in no row. */
  readonly hasUnknown: boolean;
  /** A word that may be an option, or several words, stands where one would count. */
  readonly isOpen: boolean;
}

export function readOptions(args: readonly Value[], table: OptionTable): GivenOptions {
  const options: GivenOption[] = [];
  const operands: Value[] = [];
  let [hasUnknown, isOpen] = [false, false];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at];
    if (arg === undefined) break;
    if (arg.kind !== 'literal') {
      if (mayBeOption(arg) || (!table.permutes && !isSingle(arg))) isOpen = true;
      if (!table.permutes) return { options, operands: args.slice(at), hasUnknown, isOpen };
      operands.push(arg);
      continue;
    }
    const { text } = arg;
    if (text === '--') {
      return { options, operands: [...operands, ...args.slice(at + 1)], hasUnknown, isOpen };
    }
    if (text.length < 2 || !text.startsWith('-')) {
      if (!table.permutes) return { options, operands: args.slice(at), hasUnknown, isOpen };
      operands.push(arg);
      continue;
    }
    const read = readOption(text, args[at + 1], table);
    if (read.takesNext) at += 1;
    options.push(...read.options);
    hasUnknown ||= read.isUnknown;
    isOpen ||= read.isOpen;
  }
  return { options, operands, hasUnknown, isOpen };
}

interface ReadOption {
  readonly options: readonly GivenOption[];
  readonly takesNext: boolean;
  readonly isUnknown: boolean;
  readonly isOpen: boolean;
}

function readOption(text: string, next: Value | undefined, table: OptionTable): ReadOption {
  return text.startsWith('--') ? readLong(text, next, table) : readShort(text, next, table);
}

/** Abbreviated names are in no row, on purpose: what is unique in one version is not in the next. */
function readLong(
  text: string,
  next: Value | undefined,
  { rows, isTame }: OptionTable,
): ReadOption {
  const at = text.indexOf('=');
  const name = at === -1 ? text : text.slice(0, at);
  const row = rows.get(name);
  const given = (role: Role, value: Value): readonly GivenOption[] => [{ name, role, value }];
  if (row === undefined) {
    const isAbbreviation = [...rows.keys()].some((known) => known.startsWith(name));
    return {
      options: given('flag', literal('')),
      takesNext: false,
      isUnknown: !isTame || isAbbreviation,
      isOpen: false,
    };
  }
  if (at !== -1) {
    const isUnknown = row.value === 'none' && !isTame;
    return {
      options: given(row.role, literal(text.slice(at + 1))),
      takesNext: false,
      isUnknown,
      isOpen: false,
    };
  }
  if (row.value !== 'required') {
    const role = row.value === 'optional' && row.role !== 'runs' ? 'flag' : row.role;
    return { options: given(role, literal('')), takesNext: false, isUnknown: false, isOpen: false };
  }
  return {
    options: next === undefined ? [] : given(row.role, next),
    takesNext: true,
    isUnknown: next === undefined,
    isOpen: next !== undefined && !isSingle(next),
  };
}

function readShort(
  text: string,
  next: Value | undefined,
  { rows, isTame }: OptionTable,
): ReadOption {
  const options: GivenOption[] = [];
  let isUnknown = false;
  for (let at = 1; at < text.length; at += 1) {
    const name = `-${text[at] ?? ''}`;
    const row = rows.get(name);
    if (row === undefined) {
      isUnknown ||= !isTame;
      options.push({ name, role: 'flag', value: literal('') });
      continue;
    }
    if (row.value === 'none') {
      options.push({ name, role: row.role, value: literal('') });
      continue;
    }
    const attached = text.slice(at + 1);
    if (attached !== '' || row.value === 'optional') {
      const role = attached === '' && row.role !== 'runs' ? 'flag' : row.role;
      options.push({ name, role, value: literal(attached) });
      return { options, takesNext: false, isUnknown, isOpen: false };
    }
    if (next !== undefined) options.push({ name, role: row.role, value: next });
    return {
      options,
      takesNext: true,
      isUnknown: isUnknown || next === undefined,
      isOpen: next !== undefined && !isSingle(next),
    };
  }
  return { options, takesNext: false, isUnknown, isOpen: false };
}

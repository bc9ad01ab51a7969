// What the arguments of a program in the tables mean.

import type { Invocation, Reader } from './invocation.ts';
import { report } from './invocation.ts';
import type { GivenOptions, OptionTable, Role } from './options.ts';
import { optionTable, readOptions } from './options.ts';
import type { Place, Reading } from './place.ts';
import { applyRole } from './roles.ts';
import type { Value } from './value.ts';

/** What stands for operands: `['text', 'read']` gives the last role to all that follow. */
type OperandRoles = readonly Role[];

export interface ProgramTable {
  readonly options: OptionTable;
  readonly operands: OperandRoles;
  /** Role of the last operand, when there is more than one. */
  readonly last: Role | undefined;
  /** Options that take the place of the first operand, as `-e` takes that of a pattern. */
  readonly instead?: readonly string[];
}

const shells =
  /^(?:(?:ba|da|z|k|mk|c|tc|fi|r?ba|a)?sh|busybox|python[\d.]*|perl|ruby|node|php|lua|env|sudo|su|doas|exec|xargs|nohup|setsid)$/;

/** A program whose options can do no harm, whichever they are: those that are not in the table are flags. */
export const tame = (options: string, ...operands: readonly Role[]): Reader =>
  reader({ options: optionTable(options, { isTame: true }), operands, last: undefined });

/** A program that could run or write something by an option: those that are not in the table raise a doubt. */
export const strict = (options: string, ...operands: readonly Role[]): Reader =>
  reader({ options: optionTable(options), operands, last: undefined });

/** As `strict`, with a role for the last of two or more operands. */
export const strictLast = (options: string, operand: Role, last: Role): Reader =>
  reader({ options: optionTable(options), operands: [operand], last });

/** `pattern`: the first operand is text, unless one of the options `instead` is given. */
export const patterned = (
  options: string,
  instead: string,
  { isTame, rest }: { readonly isTame: boolean; readonly rest: Role },
): Reader =>
  reader({
    options: optionTable(options, { isTame }),
    operands: ['text', rest],
    last: undefined,
    instead: instead.split(' '),
  });

const reader =
  (table: ProgramTable): Reader =>
  (invocation, reading, place) => {
    report(invocation, reading, place);
    applyTable(table, invocation.args, reading, place);
  };

/** Raises the doubts that the arguments give reason for, and reports paths and hosts. */
export function applyTable(
  table: ProgramTable,
  args: readonly Value[],
  reading: Reading,
  place: Place,
): GivenOptions {
  const given = readOptions(args, table.options);
  checkGiven(given, table.options, reading);
  for (const { role, value } of given.options) applyRole(role, value, reading, place);
  const hasTarget = given.options.some(({ role }) => role === 'target');
  const skipped = given.options.some(({ name }) => table.instead?.includes(name) === true) ? 1 : 0;
  given.operands.forEach((value, index) => {
    const at = index + skipped;
    const isLast = index === given.operands.length - 1 && index > 0;
    const role =
      table.last !== undefined && isLast && !hasTarget
        ? table.last
        : (table.operands[at] ?? table.operands.at(-1) ?? 'text');
    applyRole(role, value, reading, place);
  });
  return given;
}

export function checkGiven(
  { hasUnknown, isOpen }: GivenOptions,
  { isTame }: OptionTable,
  { found }: Reading,
): void {
  if (hasUnknown) found.doubt('option');
  if (isOpen && !isTame) found.doubt('argument');
}

/** A program that is in no table: whatever it may do with its arguments, they have to be known. */
export function readUnknownProgram(invocation: Invocation, reading: Reading, place: Place): void {
  report(invocation, reading, place);
  for (const value of invocation.args) {
    if (value.kind === 'open' || (value.kind === 'pattern' && value.dash))
      reading.found.doubt('argument');
    else if (shells.test(value.text.split('/').at(-1) ?? '')) reading.found.doubt('maybe-wrapper');
  }
}

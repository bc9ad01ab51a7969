// A wrapper of the table: its options, its operands, and then the argv that it starts.

import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { optionTable, readOptions } from '../options.ts';
import type { GivenOptions } from '../options.ts';
import type { Place, Reading } from '../place.ts';
import { directoriesAfter, wrappedBy } from '../place.ts';
import { checkGiven } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import type { Value } from '../value.ts';
import { isSingle, pathOf } from '../value.ts';
import { isDangerousVariable } from '../variables.ts';
import type { WrapperRow } from './table.ts';

export function argvWrapper(row: WrapperRow): Reader {
  const table = optionTable(row.options, { permutes: false });
  return (invocation, reading, place) => {
    const args =
      row.assigns === true ? invocation.args : withoutNumber(invocation.name, invocation.args);
    const given = readOptions(args, table);
    checkGiven(given, table, reading);
    for (const { role, value } of given.options) applyRole(role, value, reading, place);
    const { operands } = given;
    if (!operands.slice(0, row.operands).every(isSingle)) reading.found.doubt('argument');
    const rest = operands.slice(row.operands);
    const [before, argv] = row.assigns === true ? splitAssignments(rest, reading) : [[], rest];
    const isAlone = given.options.some(({ name }) => row.alone?.includes(name) === true);
    if (isAlone || argv.length === 0) return report(invocation, reading, place);
    reading.found.program(invocation.name);
    reading.argv(argv, {
      ...wrappedBy(place, invocation.name),
      ...(before.length === 0 ? {} : { assigns: before }),
      user: userOf(given, row.user ?? place.user),
      directories: directoryOf(given, place),
    });
  };
}

/** `nice -10 make` */
const withoutNumber = (name: string, args: readonly Value[]): readonly Value[] => {
  const [first] = args;
  const isNumber = name === 'nice' && first?.kind === 'literal' && /^-[-+]?\d+$/.test(first.text);
  return isNumber ? args.slice(1) : args;
};

export function userOf({ options }: GivenOptions, otherwise: string): string {
  const given = options.findLast(({ role }) => role === 'user')?.value;
  return given?.kind === 'literal' ? (given.text.split(':', 1)[0] ?? '') : otherwise;
}

export function directoryOf({ options }: GivenOptions, place: Place): Place['directories'] {
  const given = options.findLast(({ role }) => role === 'directory')?.value;
  return given === undefined ? place.directories : directoriesAfter(place, pathOf(given));
}

/** `NAME=value` words, whose names may change what the command runs. */
export function splitAssignments(
  words: readonly Value[],
  { found }: Reading,
): readonly [readonly string[], readonly Value[]] {
  const names: string[] = [];
  for (const [at, word] of words.entries()) {
    const name = word.kind === 'open' ? undefined : /^([^=]+)=/.exec(word.text)?.[1];
    if (name === undefined) return [names, words.slice(at)];
    if (isDangerousVariable(name)) found.doubt('variable');
    names.push(name);
  }
  return [names, []];
}

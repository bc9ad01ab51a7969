// env: options, assignments, and `-S`, which splits a text into more of its own arguments.

import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { optionTable, readOptions } from '../options.ts';
import { wrappedBy } from '../place.ts';
import { checkGiven } from '../program-arguments.ts';
import type { Value } from '../value.ts';
import { literal } from '../value.ts';
import { directoryOf, splitAssignments } from './argv-wrapper.ts';

const table = optionTable(
  '-i0v -u:text -C:directory -S:text --ignore-environment --null --unset:text --chdir:directory --split-string:text ' +
    '--block-signal?text --default-signal?text --ignore-signal?text --list-signal-handling --debug --help --version',
  { permutes: false },
);

/** Words that need no more than splitting: no quotes, escapes or `${…}`. */
const plainWords = /^[\w./=:@%+, -]*$/;

export const env: Reader = (invocation, reading, place) => {
  const { found } = reading;
  const args = splitString(invocation.args);
  if (args === undefined) {
    found.doubt('argument');
    return report(invocation, reading, place);
  }
  const [first] = args;
  const given = readOptions(
    first?.kind === 'literal' && first.text === '-' ? args.slice(1) : args,
    table,
  );
  checkGiven(given, table, reading);
  // One that is neither first nor alone is in no form that is read here.
  if (given.options.some(({ name }) => /^(?:-S|--split-string)$/.test(name)))
    found.doubt('argument');
  const [assigns, argv] = splitAssignments(given.operands, reading);
  if (argv.length === 0) return report(invocation, reading, place);
  found.program('env');
  reading.argv(argv, {
    ...wrappedBy(place, 'env'),
    assigns: [...place.assigns, ...assigns],
    directories: directoryOf(given, place),
  });
};

function splitString(args: readonly Value[]): readonly Value[] | undefined {
  const [first, second] = args;
  if (first?.kind !== 'literal') return args;
  const attached = /^(?:-v?S|--split-string=)([^]*)$/.exec(first.text)?.[1];
  if (attached === undefined) return args;
  const isSeparate = attached === '' && !first.text.startsWith('--');
  const value = isSeparate ? second : literal(attached);
  if (value?.kind !== 'literal' || !plainWords.test(value.text)) return undefined;
  const words = value.text.split(' ').filter((word) => word !== '');
  return [...words.map(literal), ...args.slice(isSeparate ? 2 : 1)];
}

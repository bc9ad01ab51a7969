// exec, command and builtin: builtins that start the rest of their argv, past functions and aliases.

import type { BuiltinReader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { optionTable, readOptions } from '../options.ts';
import { wrappedBy } from '../place.ts';
import { checkGiven } from '../program-arguments.ts';

const execTable = optionTable('-cl -a:text', { permutes: false });
const commandTable = optionTable('-pvV', { permutes: false });
const noTable = optionTable('', { permutes: false });

/** Without a command, its redirections hold for the rest of the shell; the walk has seen them. */
export const exec: BuiltinReader = (invocation, reading, place) => {
  const given = readOptions(invocation.args, execTable);
  checkGiven(given, execTable, reading);
  if (given.options.some(({ name }) => name === '-a')) reading.found.doubt('dialect');
  if (given.operands.length === 0) {
    report(invocation, reading, place);
    // What comes after it reads from where it says.
    if (place.input.kind !== 'inherited') reading.found.doubt('shell-state');
    return place;
  }
  reading.found.program('exec');
  reading.argv(given.operands, wrappedBy(place, 'exec'));
  return place;
};

export const command: BuiltinReader = (invocation, reading, place) => {
  const given = readOptions(invocation.args, commandTable);
  checkGiven(given, commandTable, reading);
  if (given.operands.length === 0 || given.options.some(({ name }) => /^-[vV]$/.test(name))) {
    report(invocation, reading, place);
    return place;
  }
  reading.found.program('command');
  return reading.argv(given.operands, wrappedBy(place, 'command'));
};

export const builtinWord: BuiltinReader = (invocation, reading, place) => {
  const given = readOptions(invocation.args, noTable);
  checkGiven(given, noTable, reading);
  if (given.operands.length === 0) return place;
  reading.found.program('builtin');
  return reading.argv(given.operands, wrappedBy(place, 'builtin'));
};

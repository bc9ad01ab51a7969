// Simple commands (bash manual §3.2.2): assignments, redirections and the words of an argv.

import type { Assignment, Command, CommandArgument } from 'unbash';

import type { Place, Reading } from './place.ts';
import { readRedirects } from './redirects.ts';
import { readHidden } from './substitutions.ts';
import type { Value } from './value.ts';
import { literal, open, someNumber } from './value.ts';
import { isDangerousVariable } from './variables.ts';
import { readSingle, readWord } from './words.ts';

/** The place of the next command. */
export function readSimpleCommand(command: Command, reading: Reading, place: Place): Place {
  const assignments = command.prefix.filter((item) => item.type === 'Assignment');
  const values = assignments.map((assignment) => readAssignment(assignment, reading, place));
  const input = readRedirects(command.redirects, reading, place);
  checkBackground(command, reading);
  if (command.name === undefined) {
    if (command.args.length > 0) reading.found.doubt('unread');
    return boundPlace(assignments, values, place);
  }
  // To dash, the word as it stands is the name.
  if (command.name.parts?.some(({ type }) => type === 'BraceExpansion') === true) {
    reading.found.doubt('dialect');
  }
  const argv = [
    ...readWord(command.name, reading, place),
    ...command.args.flatMap((argument) => readArgument(argument, reading, place)),
  ];
  const after = reading.argv(argv, {
    ...place,
    ...(input === undefined ? {} : { input, piped: false }),
    assigns: assignments.map(({ name }) => name),
  });
  return { ...place, directories: after.directories };
}

/** `ls &>f id` runs `id` in dash, where `&` ends a command. */
function checkBackground({ redirects, end }: Command, { found }: Reading): void {
  for (const redirect of redirects) {
    if (redirect.type !== 'Redirect' || !/^&>/.test(redirect.operator)) continue;
    if (redirect.end < end) found.doubt('dialect');
  }
}

/** undefined: known only when it runs. */
function readAssignment(assignment: Assignment, reading: Reading, place: Place): Value | undefined {
  const { found } = reading;
  const { name, index, value, append } = assignment;
  if (isDangerousVariable(name)) found.doubt('variable');
  const isPlain = index === undefined && append !== true && value.type === 'Word';
  if (index !== undefined && !/^\d+$/.test(index.text)) {
    readHidden(index, reading, place);
    found.doubt('reevaluated');
  }
  // Programs to dash, of which the first word of the line is one.
  if (value.type === 'Word' && (index !== undefined || append === true)) found.doubt('dialect');
  const read = value.type === 'Word' ? readSingle(value, reading, place) : undefined;
  if (value.type === 'ArrayValue') {
    for (const element of value.elements) {
      // `[subscript]=value`
      if (element.text.startsWith('[')) found.doubt('reevaluated');
      readWord(element, reading, place);
    }
  }
  // Kept as text, it waits for whoever evaluates the variable.
  if (read?.kind === 'literal' && /\$\(|`|<\(/.test(read.text)) found.doubt('reevaluated');
  const isNumeric =
    isPlain && (/^\d+$/.test(value.text) || /^"?\$\(\([^]*\)\)"?$/.test(value.text));
  found.assign(name, `${place.depth}:${assignment.pos}`, isNumeric);
  return isPlain ? read : undefined;
}

/** An argument that looks like an assignment: of a builtin such as `export`, or text of any other program. */
function readArgument(argument: CommandArgument, reading: Reading, place: Place): readonly Value[] {
  if (argument.type === 'Word') return readWord(argument, reading, place);
  const value = readAssignment(argument, reading, place);
  return [
    value?.kind === 'literal' ? literal(`${argument.name}=${value.text}`) : open(true, false),
  ];
}

const specialVariables =
  /^(?:BASH.*|COMP.*|DIRSTACK|EPOCH.*|EUID|FUNCNAME|GROUPS|HIST.*|HOME|IFS|LINENO|OPT(?:ARG|ERR|IND)|PIPESTATUS|PPID|PWD|OLDPWD|RANDOM|READLINE.*|REPLY|SECONDS|SHELL.*|SHLVL|SRANDOM|UID|_)$/;

/** Of variables; those of further ones are known only when the line runs. */
const boundMax = 32;

function boundPlace(
  assignments: readonly Assignment[],
  values: readonly (Value | undefined)[],
  place: Place,
): Place {
  if (assignments.length === 0) return place;
  const bound = new Map(place.bound);
  assignments.forEach(({ name }, at) => {
    const value = values[at];
    bound.delete(name);
    if (value === undefined || value.kind === 'open' || specialVariables.test(name)) return;
    if (bound.size >= boundMax) return;
    bound.set(name, isAssignedAgain(name, place.program) ? someNumber : value);
  });
  return { ...place, bound };
}

/** Only a guess by which a counter is told from a constant: what is believed of a variable is checked at the end. */
const isAssignedAgain = (name: string, program: string): boolean =>
  program.split(new RegExp(`(?<![\\w$])${name}(?=\\+?=|\\+\\+|--)`), 3).length > 2;

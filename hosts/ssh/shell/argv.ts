// One argv: which table knows its program, and what the program makes of the rest.

import { builtins } from './builtins.ts';
import { interpreterOf, readInterpreter } from './interpreters.ts';
import type { Invocation } from './invocation.ts';
import { report } from './invocation.ts';
import type { Place, Reading } from './place.ts';
import { readUnknownProgram } from './program-arguments.ts';
import { programs } from './programs/index.ts';
import type { Value } from './value.ts';
import { isSingle } from './value.ts';
import { wrapperOf, wrappingBuiltins } from './wrappers/index.ts';

const wrappersMax = 12;

/** The place of the command after it. */
export function readArgv(argv: readonly Value[], reading: Reading, place: Place): Place {
  const { found } = reading;
  const [program, ...args] = argv;
  if (program === undefined || found.isFull) return place;
  if (place.wrappers.length > wrappersMax) {
    found.doubt('size');
    return place;
  }
  if (program.kind !== 'literal' || /^$|\/$/.test(program.text)) {
    found.doubt('program');
    report({ name: '', path: '', args: isSingle(program) ? args : argv }, reading, place);
    return place;
  }
  const path = program.text;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const invocation = { name, path, args };
  const builtin = path === name ? (builtins.get(name) ?? wrappingBuiltins.get(name)) : undefined;
  if (builtin !== undefined) return builtin(invocation, reading, place);
  readProgram(invocation, reading, place);
  return place;
}

/** Where programs of the tables' names are what the tables say. */
const systemPath = /^\/(?:(?:usr\/)?(?:local\/)?s?bin|lib(?:64|\/[\w-]+)?)\/[^/]+$/;

function readProgram(invocation: Invocation, reading: Reading, place: Place): void {
  const { name, path } = invocation;
  if (path.includes('/') && !systemPath.test(path) && isKnownName(name)) {
    reading.found.doubt('shadow');
  }
  const interpreter = interpreterOf(name);
  if (interpreter !== undefined) return readInterpreter(interpreter, invocation, reading, place);
  const reader = wrapperOf(name) ?? programs.get(name) ?? readUnknownProgram;
  reader(invocation, reading, place);
}

/** Whether the tables say anything of the name, so that a function of that name would make them wrong. */
export const isKnownName = (name: string): boolean =>
  builtins.has(name) ||
  wrappingBuiltins.has(name) ||
  wrapperOf(name) !== undefined ||
  programs.has(name) ||
  interpreterOf(name) !== undefined;

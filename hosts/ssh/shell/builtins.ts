// Builtins of bash (manual §4), and what each evaluates a second time.

import type { BuiltinReader, Invocation } from './invocation.ts';
import { report } from './invocation.ts';
import { optionTable, readOptions } from './options.ts';
import type { GivenOptions } from './options.ts';
import type { Place, Reading } from './place.ts';
import { directoriesAfter } from './place.ts';
import { checkTest } from './test-expression.ts';
import type { Value } from './value.ts';
import { isSingle, pathOf } from './value.ts';
import { isDangerousVariable } from './variables.ts';

type Reader = (invocation: Invocation, reading: Reading, place: Place) => void;

const identifier = /^[A-Za-z_]\w*$/;

/** Reported, and leaves everything as it is. */
const builtin =
  (read: Reader = () => undefined): BuiltinReader =>
  (invocation, reading, place) => {
    report(invocation, reading, place);
    read(invocation, reading, place);
    return place;
  };

const doubtful = (doubt: 'shell-state' | 'reevaluated'): BuiltinReader =>
  builtin((_, { found }) => found.doubt(doubt));

/** Takes names of variables: subscripts in them are arithmetic. */
function assignName(value: Value | undefined, { found }: Reading, site: string): void {
  if (value?.kind !== 'literal' || !identifier.test(value.text)) return found.doubt('reevaluated');
  if (isDangerousVariable(value.text)) found.doubt('variable');
  found.assign(value.text, site, false);
}

const namesOf = (
  text: string,
  options: readonly string[] = [],
  operands: (given: GivenOptions) => readonly Value[] = (given) => given.operands,
): BuiltinReader => {
  const table = optionTable(text, { permutes: false });
  return builtin(({ name, args }, reading) => {
    const given = readOptions(args, table);
    if (given.hasUnknown || given.isOpen) reading.found.doubt('reevaluated');
    for (const { name: option, value } of given.options) {
      if (options.includes(option)) assignName(value, reading, name);
    }
    for (const value of operands(given)) assignName(value, reading, name);
  });
};

const declareOptions = optionTable('-aAfFgiIlnprtux +aAfFgiIlnprtux', { permutes: false });

const declare = builtin(({ args }, reading) => {
  const { found } = reading;
  const given = readOptions(args, declareOptions);
  if (given.hasUnknown || given.isOpen) found.doubt('reevaluated');
  // Integers, references to names and associative arrays evaluate what they are given.
  if (given.options.some(({ name }) => /^-[inA]$/.test(name))) found.doubt('reevaluated');
  for (const value of given.operands) declareName(value, reading);
});

function declareName(value: Value, { found }: Reading): void {
  const text = value.kind === 'open' ? undefined : value.text;
  const [, name, assigned = ''] = /^([A-Za-z_]\w*)(?:\+?=([^]*))?$/.exec(text ?? '') ?? [];
  if (name === undefined || (value.kind === 'pattern' && !/^\w+=/.test(value.text))) {
    return found.doubt('reevaluated');
  }
  if (isDangerousVariable(name) && text?.includes('=') === true) found.doubt('variable');
  if (/\$\(|`/.test(assigned)) found.doubt('reevaluated');
  // The same place as that of the assignment which the parser saw, or one that it took for a plain word.
  if (value.kind === 'literal' && !value.text.includes('=')) return;
  found.assign(name, 'declare', false);
}

const cd: BuiltinReader = (invocation, reading, place) => {
  report(invocation, reading, place);
  reading.found.changeDirectory();
  const { operands, isOpen, hasUnknown } = readOptions(
    invocation.args,
    optionTable('-LPe@', { permutes: false }),
  );
  const [to] = operands;
  if (isOpen || hasUnknown || operands.length > 1) return { ...place, directories: null };
  if (to === undefined) return { ...place, directories: ['~'] };
  if (!isSingle(to) || pathOf(to) === '-') return { ...place, directories: null };
  return { ...place, directories: directoriesAfter(place, pathOf(to)) };
};

const elsewhere: BuiltinReader = (invocation, reading, place) => {
  report(invocation, reading, place);
  reading.found.changeDirectory();
  return { ...place, directories: null };
};

/** `eval` joins its arguments by spaces and reads the text again. */
const evaluate: BuiltinReader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const { args } = invocation;
  const isMarked = args[0]?.kind === 'literal' && args[0].text === '--';
  // dash runs a program of that name.
  if (isMarked) reading.found.doubt('dialect');
  const words = isMarked ? args.slice(1) : args;
  const texts = words.flatMap((word) => (word.kind === 'literal' ? [word.text] : []));
  if (texts.length < words.length) {
    reading.found.doubt('program');
    return { ...place, directories: null };
  }
  const text = texts.join(' ');
  if (text.trim() === '') return place;
  const after = reading.text(text, { ...place, depth: place.depth + 1, bound: new Map() });
  return { ...place, directories: after.directories };
};

const trap = builtin(({ args }, reading, place) => {
  const [first, ...signals] =
    args[0]?.kind === 'literal' && args[0].text === '--' ? args.slice(1) : args;
  if (first === undefined) return;
  if (first.kind !== 'literal') return reading.found.doubt('program');
  if (/^-|^$/.test(first.text) || signals.length === 0) return;
  reading.text(first.text, {
    ...place,
    depth: place.depth + 1,
    bound: new Map(),
    // It may run after any `cd`.
    directories: /\b(?:cd|pushd|popd)\b/.test(place.program) ? null : place.directories,
  });
});

const source = builtin(({ args }, reading, place) => {
  reading.found.doubt('opaque-file');
  const [file] = args;
  if (file !== undefined) reading.found.path('reads', file, place);
});

const plainSetting =
  /^(?:[-+][euxvfCh]+|[-+]|errexit|nounset|xtrace|pipefail|noglob|noclobber|verbose)$/;

const set = builtin(({ args }, { found }) => {
  for (const value of args) {
    if (value.kind === 'literal' && value.text === '--') return;
    const isOption = value.kind !== 'literal' || /^[-+]/.test(value.text);
    if (!isOption && !plainSetting.test(value.text)) return;
    const text = value.kind === 'literal' ? value.text.replace(/^([-+][a-zA-Z]*)o$/, '$1') : '';
    if (!plainSetting.test(text)) found.doubt('shell-state');
  }
});

const harmlessOptions =
  /^(?:-[squpo]+|nullglob|dotglob|globstar|failglob|nocaseglob|inherit_errexit)$/;

const shopt = builtin(({ args }, { found }) => {
  if (!args.every((value) => value.kind === 'literal' && harmlessOptions.test(value.text))) {
    found.doubt('shell-state');
  }
});

const hash = builtin(({ args }, { found }) => {
  if (!args.every((value) => value.kind === 'literal' && /^(?:-[rlt]+|[^-].*)$/.test(value.text))) {
    found.doubt('shell-state');
  }
});

const test = builtin(({ args }, reading) => checkTest(args, reading));

const unset = builtin(({ args }, reading) => {
  const { options, operands, hasUnknown, isOpen } = readOptions(
    args,
    optionTable('-fvn', { permutes: false }),
  );
  if (hasUnknown || isOpen) reading.found.doubt('reevaluated');
  if (options.some(({ name }) => name === '-f')) return;
  for (const value of operands) assignName(value, reading, 'unset');
});

const printf = builtin(({ args }, reading) => {
  const [first, name] = args;
  if (first === undefined) return;
  if (first.kind !== 'literal') {
    // `-v` could come of it.
    if (first.kind === 'open' && first.dash) reading.found.doubt('reevaluated');
    return;
  }
  if (first.text === '-v') assignName(name, reading, 'printf');
  else if (first.text.startsWith('-v')) reading.found.doubt('reevaluated');
});

const getopts = builtin(({ args }, reading) => assignName(args[1], reading, 'getopts'));

const inert = [
  'echo',
  'true',
  'false',
  ':',
  'pwd',
  'times',
  'fg',
  'bg',
  'kill',
  'exit',
  'return',
  'break',
];
const alsoInert = [
  'continue',
  'shift',
  'umask',
  'ulimit',
  'type',
  'dirs',
  'caller',
  'help',
  'logout',
  'suspend',
];

export const builtins: ReadonlyMap<string, BuiltinReader> = new Map([
  ...[...inert, ...alsoInert, 'disown', 'unalias'].map((name) => [name, builtin()] as const),
  ...['alias', 'enable', 'bind', 'complete', 'compopt', 'fc', 'history'].map(
    (name) => [name, doubtful('shell-state')] as const,
  ),
  ['compgen', doubtful('reevaluated')],
  ['let', doubtful('reevaluated')],
  ['cd', cd],
  ['pushd', elsewhere],
  ['popd', elsewhere],
  ['eval', evaluate],
  ['trap', trap],
  ['source', source],
  ['.', source],
  ['set', set],
  ['shopt', shopt],
  ['hash', hash],
  ['test', test],
  ['[', test],
  ['unset', unset],
  ['printf', printf],
  ['getopts', getopts],
  ['read', namesOf('-ers -a:text -d:text -i:text -n:text -N:text -p:text -t:text -u:text', ['-a'])],
  ['mapfile', namesOf('-t -d:text -n:text -O:text -s:text -u:text')],
  ['readarray', namesOf('-t -d:text -n:text -O:text -s:text -u:text')],
  ['wait', namesOf('-nf -p:text', ['-p'], () => [])],
  ['jobs', namesOf('-lnprs', [], () => [])],
  ...['declare', 'typeset', 'local', 'readonly', 'export'].map((name) => [name, declare] as const),
]);

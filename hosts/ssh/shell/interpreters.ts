// Shells and interpreters: a shell's program is read like any other line, other languages are not read here.

import type { Invocation } from './invocation.ts';
import { report } from './invocation.ts';
import type { Place, Reading } from './place.ts';
import { wrappedBy } from './place.ts';
import { optionTable, readOptions } from './options.ts';
import type { Value } from './value.ts';
import { isSingle, literal } from './value.ts';

export interface Interpreter {
  readonly kind: 'shell' | 'language';
  /** Options whose value is a program. */
  readonly inline: readonly string[];
  /** Other options that take a value, and those that name more files with programs. */
  readonly values: string;
}

const language = (inline: string, values = ''): Interpreter => ({
  kind: 'language',
  inline: inline.split(' '),
  values,
});

const shell: Interpreter = { kind: 'shell', inline: ['-c'], values: '' };

const interpreters: ReadonlyMap<string, Interpreter> = new Map([
  ...[
    'sh',
    'bash',
    'dash',
    'ash',
    'rbash',
    'ksh',
    'mksh',
    'zsh',
    'csh',
    'tcsh',
    'fish',
    'yash',
    'posh',
    'rc',
    'elvish',
    'xonsh',
  ].map((name) => [name, shell] as const),
  ['python', language('-c', '-W:text -X:text -Q:text')],
  ['pypy', language('-c', '-W:text -X:text')],
  ['perl', language('-e -E', '-I:text')],
  ['ruby', language('-e', '-I:text -C:text -r:text')],
  ['node', language('-e -p -pe --eval --print', '-r:runs --require:runs --import:runs')],
  ['nodejs', language('-e -p -pe --eval --print', '-r:runs --require:runs --import:runs')],
  ['deno', language('eval')],
  ['bun', language('-e --eval -p --print')],
  ['php', language('-r -R -B -E', '-d:runs -c:text -z:text')],
  ['lua', language('-e', '-l:text')],
  ['luajit', language('-e', '-l:text -j:text')],
  ['Rscript', language('-e')],
  ['R', language('-e')],
  ['tclsh', language('-')],
  ['wish', language('-')],
  ['expect', language('-c')],
  ['guile', language('-c', '-L:text -l:runs')],
  ['ghci', language('-e')],
  ['erl', language('-eval -run -s')],
  ['elixir', language('-e --eval --rpc-eval')],
  ['groovy', language('-e')],
  ['jshell', language('-')],
  ['julia', language('-e -E --eval --print')],
  ['osascript', language('-e')],
  ['pwsh', language('-c -Command -EncodedCommand -e')],
  ['gawk-bundle', language('-')],
  ['m4', language('-')],
  ['irb', language('-')],
  ['ipython', language('-c')],
  ['racket', language('-e')],
  ['sbcl', language('--eval')],
  ['clisp', language('-x')],
  ['ocaml', language('-e')],
  ['swipl', language('-g -t')],
  ['dc', language('-e --expression')],
  ['jjs', language('-')],
]);

/** Versions belong to names: `python3.11`, `lua5.4`. */
export const interpreterOf = (name: string): Interpreter | undefined =>
  interpreters.get(name) ?? interpreters.get(name.replace(/-?\d[\d.]*$/, ''));

export function readInterpreter(
  interpreter: Interpreter,
  invocation: Invocation,
  reading: Reading,
  place: Place,
): void {
  if (interpreter.kind === 'shell') readShell(invocation, reading, place);
  else readLanguage(interpreter, invocation, reading, place);
}

const isAsking = (args: readonly Value[]): boolean =>
  args.length === 1 &&
  args[0]?.kind === 'literal' &&
  /^(?:--version|--help|-V|-h)$/.test(args[0].text);

const shellOptions = optionTable(
  '-abefhklmnprtuvxBCDEHPTcisq -o:text -O:text --login --noprofile --norc --posix --verbose --restricted --noediting ' +
    '--rcfile:runs --init-file:runs',
  { permutes: false },
);

/** Shells whose language is near enough to bash's for what is read here. */
const readable = /^(?:sh|bash|dash|ash|rbash)$/;

function readShell(invocation: Invocation, reading: Reading, place: Place): void {
  const { found } = reading;
  const { name, args } = invocation;
  if (isAsking(args)) return report(invocation, reading, place);
  // `+x` switches off what `-x` switches on.
  const plain = args.map((arg) =>
    arg.kind === 'literal' && /^\+[a-zA-Z]+$/.test(arg.text)
      ? literal(`-${arg.text.slice(1)}`)
      : arg,
  );
  const { options, operands, hasUnknown, isOpen } = readOptions(plain, shellOptions);
  const has = (option: string): boolean => options.some((given) => given.name === option);
  if (hasUnknown) found.doubt('option');
  if (options.some(({ role }) => role === 'runs')) found.doubt('option-runs');
  if (options.some(({ name: option }) => /^-[oOTE]$/.test(option)) && !hasPlainSettings(options)) {
    found.doubt('shell-state');
  }
  const [first] = operands;
  if (isOpen || (first !== undefined && !isSingle(first))) {
    found.doubt('argument');
    return report(invocation, reading, place, 'inline');
  }
  if (has('-c')) return readCode(invocation, first, reading, place);
  if (has('-i')) found.doubt('interactive');
  if (first === undefined || has('-s') || isInput(first))
    return readInput(invocation, reading, place);
  found.path('reads', first, place);
  if (first.kind === 'literal') found.script(first.text);
  else found.doubt('opaque-file');
  if (!readable.test(name)) found.doubt('dialect');
  return report(invocation, reading, place, 'file');
}

const hasPlainSettings = (
  options: readonly { readonly name: string; readonly value: Value }[],
): boolean =>
  options.every(
    ({ name, value }) =>
      !/^-[oOTE]$/.test(name) ||
      (name === '-o' &&
        value.kind === 'literal' &&
        /^(?:pipefail|errexit|nounset|xtrace|noglob)$/.test(value.text)),
  );

const isInput = (value: Value): boolean =>
  value.kind === 'literal' &&
  /^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/.test(value.text);

function readCode(
  invocation: Invocation,
  code: Value | undefined,
  reading: Reading,
  place: Place,
): void {
  if (code?.kind !== 'literal') {
    reading.found.doubt('program');
    return report(invocation, reading, place, 'inline');
  }
  readShellText(invocation.name, code.text, reading, place);
}

/** The program of a shell that `name` starts. */
export function readShellText(name: string, text: string, reading: Reading, place: Place): void {
  const { found } = reading;
  found.program(name);
  if (!readable.test(name)) found.doubt('dialect');
  if (text.trim() === '') return report({ name, path: name, args: [] }, reading, place);
  reading.text(text, {
    ...wrappedBy(place, name),
    depth: place.depth + 1,
    assigns: [],
    bound: new Map(),
    program: '',
  });
}

/** A here-document that nothing is expanded in is as good as an argument. */
function readInput(invocation: Invocation, reading: Reading, place: Place): void {
  const { kind, text } = place.input;
  if (kind === 'text' && text !== undefined) {
    return readShellText(invocation.name, text, reading, {
      ...place,
      input: { kind: 'inherited' },
    });
  }
  reading.found.doubt('opaque-stdin');
  report(invocation, reading, place, 'stdin');
}

function readLanguage(
  { inline, values }: Interpreter,
  invocation: Invocation,
  reading: Reading,
  place: Place,
): void {
  const { found } = reading;
  const { args } = invocation;
  if (
    isAsking(args) ||
    (args.length === 1 && args[0]?.kind === 'literal' && args[0].text === '-v')
  ) {
    return report(invocation, reading, place);
  }
  const opaque = opacity(args, inline, values, reading);
  report(invocation, reading, place, opaque.kind);
  if (opaque.kind === 'stdin') found.doubt('opaque-stdin');
  if (opaque.kind === 'inline') found.doubt('opaque-inline');
  if (opaque.file === undefined) return;
  found.path('reads', opaque.file, place);
  if (opaque.file.kind === 'literal') found.script(opaque.file.text);
  else found.doubt('opaque-file');
}

interface Opacity {
  readonly kind: 'stdin' | 'inline' | 'file';
  readonly file?: Value;
}

/** The first of: an option with code, a module, a file. */
function opacity(
  args: readonly Value[],
  inline: readonly string[],
  values: string,
  { found }: Reading,
): Opacity {
  const { rows } = optionTable(values);
  const letters = inline.filter((name) => /^-\w$/.test(name)).map((name) => name.slice(1));
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at];
    if (arg?.kind !== 'literal') {
      found.doubt('argument');
      return { kind: 'inline' };
    }
    const { text } = arg;
    if (inline.includes(text.split('=', 1)[0] ?? '')) return { kind: 'inline' };
    if (isInput(arg)) return { kind: 'stdin' };
    if (text === '-m') return { kind: 'file' };
    if (!text.startsWith('-')) return { kind: 'file', file: arg };
    const row = rows.get(text) ?? rows.get(text.split('=', 1)[0] ?? '');
    if (row?.role === 'runs') found.doubt('option-runs');
    if (row !== undefined && !text.includes('=')) at += 1;
    // Letters may stand together: `perl -lane`, `python3 -Ic`.
    else if (/^-\w/.test(text) && letters.some((letter) => text.includes(letter))) {
      return { kind: 'inline' };
    } else if (/^-\w*i/.test(text)) found.doubt('opaque-inline');
  }
  return { kind: 'stdin' };
}

// sed and awk: languages small enough to tell programs that only print from those that run or write something.

import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { optionTable, readOptions } from '../options.ts';
import { checkGiven } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import type { Place, Reading } from '../place.ts';
import type { Value } from '../value.ts';
import { argumentOf, pathOf } from '../value.ts';

const sedTable = optionTable(
  '-nErsuz -e:text -f:runs -i?text -l:text --quiet --silent --regexp-extended --separate --unbuffered --null-data --posix --debug --expression:text --file:runs --in-place?text --line-length:text --follow-symlinks --sandbox --help --version',
);

const address = String.raw`(?:\d+(?:~\d+)?|\$|\/(?:[^/\\\n]|\\[^\n])*\/I?)`;
const sedAddresses = String.raw`(?:${address}(?:,[+~]?${address})?)?\s*!?\s*`;
const substitution = [String.raw`\/`, String.raw`\|`, '#', ',', ':', '@', '%', '!', '_', '~', ';']
  .map((mark) => {
    const text = String.raw`(?:[^${mark}\\\n]|\\[^])*`;
    return `[sy]${mark}${text}${mark}${text}${mark}`;
  })
  .join('|');
const sedCommand = String.raw`${sedAddresses}(?:(?:${substitution})[gpiI\d]*|[pdDPnNgGhHxzl=]|[qQ]\d*|[aic](?:\\\n?)?[^\n;}]*|\})?`;
const plainSed = new RegExp(String.raw`^\s*${sedCommand}(?:\s*[;\n]\s*${sedCommand})*\s*;?\s*$`);
const blockSed = new RegExp(
  String.raw`^\s*${sedAddresses}\{${sedCommand}(?:\s*[;\n]\s*${sedCommand})*\s*;?\s*\}\s*$`,
);

/** No `e`, `w`, `r` command or flag can be in it: each command is one of those that print. */
export const isPlainSed = (text: string): boolean =>
  text.length <= 512 && (plainSed.test(text) || blockSed.test(text));

/** `-i.bak` keeps the file as it was under another name. */
function writeBackup(file: Value, suffix: string, { found }: Reading, place: Place): void {
  const path = pathOf(file);
  // An asterisk stands for the file's own name, a slash for another directory.
  if (path === undefined || /[*/]/.test(suffix)) return found.doubt('path');
  if (suffix === '') return;
  found.path(
    'writes',
    { kind: 'pattern', text: `${path}${suffix}`, single: true, dash: false },
    place,
  );
}

const sed: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const { found } = reading;
  const given = readOptions(invocation.args, sedTable);
  checkGiven(given, sedTable, reading);
  const inPlace = given.options.some(({ name }) => name === '-i' || name === '--in-place');
  const expressions = given.options
    .filter(({ name }) => name === '-e' || name === '--expression')
    .map(({ value }) => value);
  const hasProgram = expressions.length > 0 || given.options.some(({ role }) => role === 'runs');
  if (given.options.some(({ role }) => role === 'runs')) found.doubt('opaque-file');
  const [first, ...rest] = given.operands;
  const programs = hasProgram || first === undefined ? expressions : [first];
  for (const program of programs) {
    if (!isPlainSed(argumentOf(program) ?? 'e')) found.doubt('opaque-inline');
  }
  const suffix = given.options.find(({ name }) => /^(?:-i|--in-place)$/.test(name))?.value;
  for (const file of hasProgram ? given.operands : rest) {
    applyRole(inPlace ? 'change' : 'read', file, reading, place);
    if (suffix !== undefined) writeBackup(file, argumentOf(suffix) ?? '*', reading, place);
  }
};

const awkTable = optionTable(
  '-F:text -v:text -f:runs -e:runs -E:runs -i:runs -l:runs -bcCghIMnNOPrsStV -d?write -D?text -o?write -p?write -L?text -W:runs --field-separator:text --assign:text --file:runs --source:runs ' +
    '--include:runs --load:runs --exec:runs --sandbox --posix --traditional --re-interval --lint?text --version --help --characters-as-bytes --non-decimal-data --csv',
  { permutes: false },
);

/** Commands, pipes, files, other programs and other lists of files. A string may hold what ends another: none is skipped. */
const awkRuns = /system|getline|@|ARGV|ENVIRON|printf?[^]*>|(?<!\|)\|(?!\|)/;

export const isPlainAwk = (text: string): boolean => !awkRuns.test(text);

const awk: Reader = (invocation, reading, place) => {
  const { found } = reading;
  const given = readOptions(invocation.args, awkTable);
  checkGiven(given, awkTable, reading);
  for (const { role, value } of given.options)
    if (role !== 'runs') applyRole(role, value, reading, place);
  const isFile = given.options.some(({ role }) => role === 'runs');
  const [program, ...files] = given.operands;
  const isPlain = !isFile && isPlainAwk(program === undefined ? '' : (argumentOf(program) ?? '@'));
  report(invocation, reading, place, isPlain ? '' : isFile ? 'file' : 'inline');
  if (!isPlain) found.doubt(isFile ? 'opaque-file' : 'opaque-inline');
  for (const file of files) {
    // `name=value` sets a variable between files.
    if (!/^[A-Za-z_]\w*=/.test(argumentOf(file) ?? '')) applyRole('read', file, reading, place);
  }
};

export const editingPrograms: readonly (readonly [string, Reader])[] = [
  ['sed', sed],
  ...['awk', 'gawk', 'mawk', 'nawk', 'original-awk'].map((name) => [name, awk] as const),
];

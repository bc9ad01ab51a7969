// sudo, su and runuser: programs of another user.

import { readShellText } from '../interpreters.ts';
import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { optionTable, readOptions } from '../options.ts';
import type { GivenOptions } from '../options.ts';
import type { Place, Reading } from '../place.ts';
import { wrappedBy } from '../place.ts';
import { checkGiven } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import type { Value } from '../value.ts';
import { argumentOf, literal } from '../value.ts';
import { directoryOf, splitAssignments, userOf } from './argv-wrapper.ts';

const sudoTable = optionTable(
  '-ABbEHKklNnPSsVvei -C:text -c:text -D:directory -g:text -h?host -p:text -R:directory -r:text -t:text -T:text -U:text -u:user ' +
    '--askpass --background --bell --close-from:text --preserve-env?text --edit --set-home --help --login --remove-timestamp ' +
    '--reset-timestamp --list --no-update --non-interactive --preserve-groups --prompt:text --chroot:directory --role:text ' +
    '--stdin --shell --type:text --command-timeout:text --other-user:text --user:user --group:text --host:host --chdir:directory ' +
    '--validate --version',
  { permutes: false },
);

const has = ({ options }: GivenOptions, ...names: readonly string[]): boolean =>
  options.some(({ name }) => names.includes(name));

export const sudo: Reader = (invocation, reading, place) => {
  const { found } = reading;
  const given = readOptions(invocation.args, sudoTable);
  checkGiven(given, sudoTable, reading);
  for (const { role, value } of given.options)
    if (role !== 'host') applyRole(role, value, reading, place);
  if (has(given, '-e', '--edit')) {
    found.doubt('interactive');
    for (const file of given.operands) applyRole('change', file, reading, place);
    return report(invocation, reading, place);
  }
  const [assigns, argv] = splitAssignments(given.operands, reading);
  const inner: Place = {
    ...wrappedBy(place, invocation.name),
    user: userOf(given, 'root'),
    assigns: [...place.assigns, ...assigns],
    // A login shell begins in the user's home directory; whose root it is, another root decides.
    directories: has(given, '-i', '--login', '-R', '--chroot') ? null : directoryOf(given, place),
  };
  const isShell = has(given, '-s', '-i', '--shell', '--login');
  if (argv.length > 0) {
    found.program(invocation.name);
    // A shell gets the words with everything escaped but letters, digits, `_`, `-` and `$`.
    if (isShell && argv.some((word) => word.kind !== 'literal' || word.text.includes('$'))) {
      found.doubt('program');
    }
    reading.argv(argv, inner);
    return;
  }
  report(invocation, reading, place);
  if (isShell) readLoginShell(reading, inner);
};

/** A shell that is given no program reads its input. */
function readLoginShell(reading: Reading, place: Place): void {
  reading.argv([literal('sh')], place);
}

const suOptions =
  '-c:code --command:code --session-command:code -flmpPTV - -g:text -G:text -s:text -w:text --fast --login --preserve-environment --pty --shell:text ' +
  '--group:text --supp-group:text --whitelist-environment:text --help --version';
const suTable = optionTable(suOptions);
const runuserTable = optionTable(`${suOptions} -u:user --user:user`);

/** The user is an operand, and so are arguments of the shell. */
export const su: Reader = (invocation, reading, place) => {
  const args = invocation.args.filter((arg) => argumentOf(arg) !== '-');
  const given = readOptions(args, suTable);
  checkGiven(given, suTable, reading);
  const [user, ...more] = given.operands;
  readSu(given, { invocation, user: user ?? literal('root'), more, reading, place });
};

export const runuser: Reader = (invocation, reading, place) => {
  const args = invocation.args.filter((arg) => argumentOf(arg) !== '-');
  // With `-u`, options end at the program.
  const direct = readOptions(args, { ...runuserTable, permutes: false });
  if (!has(direct, '-u', '--user')) {
    const given = readOptions(args, runuserTable);
    checkGiven(given, runuserTable, reading);
    const [user, ...more] = given.operands;
    readSu(given, { invocation, user: user ?? literal('root'), more, reading, place });
    return;
  }
  checkGiven(direct, runuserTable, reading);
  if (direct.operands.length === 0) return report(invocation, reading, place);
  reading.found.program(invocation.name);
  reading.argv(direct.operands, {
    ...wrappedBy(place, invocation.name),
    user: userOf(direct, 'root'),
  });
};

interface Su {
  readonly invocation: {
    readonly name: string;
    readonly path: string;
    readonly args: readonly Value[];
  };
  readonly user: Value;
  readonly more: readonly Value[];
  readonly reading: Reading;
  readonly place: Place;
}

function readSu(given: GivenOptions, { invocation, user, more, reading, place }: Su): void {
  const { found } = reading;
  const { options } = given;
  if (user.kind !== 'literal') found.doubt('argument');
  const isLogin =
    has(given, '-l', '--login') || invocation.args.some((arg) => argumentOf(arg) === '-');
  const inner: Place = {
    ...wrappedBy(place, invocation.name),
    user: argumentOf(user) ?? '',
    directories: isLogin ? null : place.directories,
  };
  const shell =
    options.findLast(({ name }) => /^(?:-s|--shell)$/.test(name))?.value ?? literal('sh');
  const code = options.findLast(({ role }) => role === 'code')?.value;
  const name = argumentOf(shell)?.split('/').at(-1) ?? '';
  found.program(invocation.name);
  if (code === undefined) {
    if (has(given, '-V', '--version', '--help')) return report(invocation, reading, place);
    reading.argv([shell, ...more], inner);
    return;
  }
  if (more.length > 0) found.doubt('argument');
  if (code.kind !== 'literal' || !/^(?:ba|da|a|rba)?sh$/.test(name)) {
    found.doubt('program');
    return report(invocation, reading, place);
  }
  readShellText(name, code.text, reading, inner);
}

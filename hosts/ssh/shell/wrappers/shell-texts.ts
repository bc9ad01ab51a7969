// Wrappers that hand a text to `sh -c`, or an argv, or either: flock, watch, script, parallel, unshare, nsenter, ld.so, busybox.

import { readShellText } from '../interpreters.ts';
import type { Invocation, Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { optionTable, readOptions } from '../options.ts';
import type { GivenOptions, OptionTable } from '../options.ts';
import type { Place, Reading } from '../place.ts';
import { wrappedBy } from '../place.ts';
import { checkGiven } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import type { Value } from '../value.ts';
import { argumentOf, literal, open } from '../value.ts';
import { directoryOf, userOf } from './argv-wrapper.ts';

function optionsOf(
  { args }: Invocation,
  table: OptionTable,
  reading: Reading,
  place: Place,
): GivenOptions {
  const given = readOptions(args, table);
  checkGiven(given, table, reading);
  for (const { role, value } of given.options) {
    if (role !== 'code') applyRole(role, value, reading, place);
  }
  return given;
}

const has = ({ options }: GivenOptions, ...names: readonly string[]): boolean =>
  options.some(({ name }) => names.includes(name));

/** Words that are joined by spaces for `sh -c`. */
function readJoined(
  words: readonly Value[],
  { name }: Invocation,
  reading: Reading,
  place: Place,
): void {
  reading.found.program(name);
  const texts = words.map(argumentOf);
  if (texts.includes(null)) return reading.found.doubt('program');
  readShellText('sh', texts.join(' '), reading, wrappedBy(place, name));
}

const asking = ['-h', '-V', '--help', '--version'];

const flockTable = optionTable(
  '-senuxoFvVh -c:code -w:text -E:text --shared --exclusive --nonblock --unlock --close --no-fork --verbose --command:code --wait:text --timeout:text ' +
    '--conflict-exit-code:text --help --version',
  { permutes: false },
);

/** `flock FILE -c TEXT`, `flock FILE COMMAND`, `flock DESCRIPTOR` */
export const flock: Reader = (invocation, reading, place) => {
  const given = optionsOf(invocation, flockTable, reading, place);
  const [lock, first, ...rest] = given.operands;
  if (has(given, ...asking) || lock === undefined) return report(invocation, reading, place);
  const isDescriptor = first === undefined && /^\d+$/.test(argumentOf(lock) ?? '');
  if (!isDescriptor) reading.found.path('writes', lock, place);
  const code = given.options.find(({ role }) => role === 'code')?.value;
  if (code !== undefined) return readJoined([code], invocation, reading, place);
  if (first === undefined) return report(invocation, reading, place);
  if (/^(?:-c|--command)$/.test(argumentOf(first) ?? '')) {
    if (rest.length !== 1) reading.found.doubt('argument');
    return readJoined(rest, invocation, reading, place);
  }
  if (first.kind !== 'literal' || first.text.startsWith('-')) reading.found.doubt('argument');
  reading.found.program(invocation.name);
  reading.argv([first, ...rest], wrappedBy(place, invocation.name));
};

const watchTable = optionTable(
  '-bcCeghprtvwx -n:text -q:text -d?text --beep --color --no-color --differences?text --errexit --chgexit --interval:text --equexit:text --precise ' +
    '--no-rerun --no-title --no-wrap --exec --help --version',
  { permutes: false },
);

export const watch: Reader = (invocation, reading, place) => {
  const given = optionsOf(invocation, watchTable, reading, place);
  if (given.operands.length === 0) return report(invocation, reading, place);
  if (!has(given, '-x', '--exec')) return readJoined(given.operands, invocation, reading, place);
  reading.found.program(invocation.name);
  reading.argv(given.operands, wrappedBy(place, invocation.name));
};

const scriptTable = optionTable(
  '-aefqhV -c:code -E:text -I:write -O:write -B:write -T:write -t?write -m:text -o:text --append --command:code --echo:text --return --flush --force ' +
    '--log-in:write --log-out:write --log-io:write --log-timing:write --timing?write --logging-format:text --output-limit:text --quiet --help --version',
);

export const script: Reader = (invocation, reading, place) => {
  const given = optionsOf(invocation, scriptTable, reading, place);
  if (has(given, ...asking)) return report(invocation, reading, place);
  const [file, ...more] = given.operands;
  if (more.length > 0) reading.found.doubt('argument');
  if (!has(given, '-O', '--log-out', '-B', '--log-io')) {
    reading.found.path('writes', file ?? literal('typescript'), place);
  }
  const code = given.options.find(({ role }) => role === 'code')?.value;
  if (code !== undefined) return readJoined([code], invocation, reading, place);
  report(invocation, reading, place);
  reading.argv([literal('sh')], wrappedBy(place, invocation.name));
};

const unshareTable = optionTable(
  '-cfrhV -m?text -u?text -i?text -n?text -p?text -U?text -C?text -T?text -R:directory -w:directory -S:user -G:text --mount?text --uts?text --ipc?text --net?text ' +
    '--pid?text --user?text --cgroup?text --time?text --fork --kill-child?text --mount-proc?text --map-user:text --map-group:text --map-root-user ' +
    '--map-current-user --map-auto --map-users:text --map-groups:text --propagation:text --setgroups:text --keep-caps --root:directory --wd:directory ' +
    '--setuid:user --setgid:text --monotonic:text --boottime:text --help --version',
  { permutes: false },
);

const nsenterTable = optionTable(
  '-aFZehV -t:text -m?text -u?text -i?text -n?text -p?text -C?text -U?text -T?text -S:user -G:text -r?text -w?text -W:text --all --target:text --mount?text ' +
    '--uts?text --ipc?text --net?text --pid?text --cgroup?text --user?text --time?text --setuid:user --setgid:text --preserve-credentials --root?text --wd?text ' +
    '--wdns:text --env --no-fork --follow-context --help --version',
  { permutes: false },
);

/** Without a command, a shell is started. */
const namespaced =
  (table: OptionTable): Reader =>
  (invocation, reading, place) => {
    const given = optionsOf(invocation, table, reading, place);
    if (has(given, ...asking)) return report(invocation, reading, place);
    reading.found.program(invocation.name);
    const isElsewhere = has(
      given,
      '-R',
      '--root',
      '-r',
      '-m',
      '--mount',
      '-a',
      '--all',
      '-w',
      '--wd',
      '-W',
      '--wdns',
    );
    reading.argv(given.operands.length === 0 ? [literal('sh')] : given.operands, {
      ...wrappedBy(place, invocation.name),
      user: userOf(given, place.user),
      directories: isElsewhere ? null : directoryOf(given, place),
    });
  };

export const unshare = namespaced(unshareTable);
export const nsenter = namespaced(nsenterTable);

const parallelTable = optionTable(
  '-kuvXm0t -j:text -P:text -n:text -N:text -I:text -a:read -d:text -C:text --jobs:text --max-procs:text --keep-order --ungroup --group --line-buffer --lb --bar ' +
    '--eta --progress --dry-run --halt:text --joblog:write --timeout:text --retries:text --delay:text --will-cite --no-notice --tag --colsep:text --arg-file:read --null ' +
    '--max-args:text --verbose --version --help --citation',
  { permutes: false },
);

/** GNU parallel builds lines for a shell from a template and lists of arguments. */
export const parallel: Reader = (invocation, reading, place) => {
  const given = optionsOf(invocation, parallelTable, reading, place);
  const at = given.operands.findIndex((word) => /^:::/.test(argumentOf(word) ?? ''));
  const template = at === -1 ? given.operands : given.operands.slice(0, at);
  if (has(given, '--version', '--help', '--citation')) return report(invocation, reading, place);
  reading.found.program(invocation.name);
  if (template.length === 0 || template.some((word) => /[{}]/.test(argumentOf(word) ?? '{'))) {
    // Replaced where a shell would read it: it may be anything.
    reading.found.doubt('argument');
  }
  const texts = template.map(argumentOf);
  if (template.length === 0 || texts.includes(null)) return report(invocation, reading, place);
  const text = texts.join(' ');
  if (/^[\w./=:@%+, -]+$/.test(text)) {
    const words = text
      .split(' ')
      .filter((word) => word !== '')
      .map(literal);
    reading.argv([...words, open(false)], wrappedBy(place, invocation.name));
  } else {
    reading.found.doubt('argument');
    readShellText('sh', text, reading, wrappedBy(place, invocation.name));
  }
};

const loaderTable = optionTable(
  '--list --verify --inhibit-cache --library-path:runs --inhibit-rpath:text --audit:runs --preload:runs --argv0:text --glibc-hwcaps-prepend:text ' +
    '--glibc-hwcaps-mask:text --list-tunables --list-diagnostics --help --version',
  { permutes: false },
);

/** The dynamic loader runs the program that it is given as an argument. */
export const loader: Reader = (invocation, reading, place) => {
  const given = optionsOf(invocation, loaderTable, reading, place);
  if (given.operands.length === 0 || has(given, '--list', '--verify', '--help', '--version')) {
    return report(invocation, reading, place);
  }
  reading.found.program(invocation.name);
  reading.argv(given.operands, wrappedBy(place, invocation.name));
};

export const busybox: Reader = (invocation, reading, place) => {
  const [applet] = invocation.args;
  const name = applet === undefined ? undefined : argumentOf(applet);
  if (applet === undefined || /^--(?:list(?:-full)?|help)$/.test(name ?? '')) {
    return report(invocation, reading, place);
  }
  if (name === undefined || name === null || name.startsWith('-')) {
    reading.found.doubt('argument');
    return report(invocation, reading, place);
  }
  reading.found.program(invocation.name);
  reading.argv(invocation.args, wrappedBy(place, invocation.name));
};

/** `ip netns exec NAME COMMAND`, `ip vrf exec NAME COMMAND` */
export const ip: Reader = (invocation, reading, place) => {
  const { args } = invocation;
  const at = args.findIndex((word) => /^(?:e|ex|exe|exec)$/.test(argumentOf(word) ?? ''));
  const texts = args.map(argumentOf);
  if (texts.some((text) => text === null || /^-(?:b|force|batch)/.test(text)))
    reading.found.doubt('argument');
  if (at === -1 || at + 2 >= args.length) return report(invocation, reading, place);
  if (!texts.slice(0, at).some((text) => /^(?:net|vrf)/.test(text ?? '')))
    return report(invocation, reading, place);
  reading.found.program(invocation.name);
  reading.argv(args.slice(at + 2), wrappedBy(place, invocation.name));
};

// git: subcommands, and the options by which each runs, writes or fetches something.

import { checkUrl, remotePath } from '../hosts.ts';
import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { optionTable, readOptions } from '../options.ts';
import type { Place, Reading } from '../place.ts';
import { directoriesAfter } from '../place.ts';
import { checkGiven } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import type { Value } from '../value.ts';
import { argumentOf, literal, pathOf } from '../value.ts';

const globals = optionTable(
  '-P -C:directory -c:runs -p! --exec-path:runs --html-path --man-path --info-path --paginate! --no-pager --git-dir:read --work-tree:write --namespace:text --bare --no-replace-objects ' +
    '--literal-pathspecs --glob-pathspecs --no-optional-locks --list-cmds:text --config-env:runs --version -v --help -h',
  { permutes: false },
);

/** Subcommands that are built in: no alias can have their names. */
const builtIn: ReadonlySet<string> = new Set([
  ...[
    'add',
    'am',
    'apply',
    'archive',
    'bisect',
    'blame',
    'branch',
    'cat-file',
    'check-ignore',
    'checkout',
    'cherry-pick',
    'clean',
    'clone',
    'commit',
    'config',
    'count-objects',
  ],
  ...[
    'describe',
    'diff',
    'diff-tree',
    'fetch',
    'for-each-ref',
    'format-patch',
    'fsck',
    'gc',
    'grep',
    'hash-object',
    'init',
    'log',
    'ls-files',
    'ls-remote',
    'ls-tree',
    'merge',
    'merge-base',
  ],
  ...[
    'mv',
    'name-rev',
    'notes',
    'prune',
    'pull',
    'push',
    'rebase',
    'reflog',
    'remote',
    'reset',
    'restore',
    'rev-list',
    'rev-parse',
    'revert',
    'rm',
    'shortlog',
    'show',
    'show-ref',
  ],
  ...[
    'sparse-checkout',
    'stash',
    'status',
    'submodule',
    'switch',
    'symbolic-ref',
    'tag',
    'update-index',
    'update-ref',
    'var',
    'version',
    'whatchanged',
    'worktree',
    'help',
  ],
]);

/** Whatever begins like one of these runs a program, or sets what git will run. */
const running =
  /^--(?:upload-p|receive-p|exec|ext-d|extc|textc|open-files|template|config|tool|extcmd|strategy=|gpg|sig|edit|int|pat|recurse-submodules=|filter|server-option|output-indicator|ex|up|rec|op|te)/;
const runningShort: Readonly<Record<string, RegExp>> = {
  grep: /^-\w*O/,
  rebase: /^-\w*[xi]/,
  clone: /^-\w*[uc]/,
  fetch: /^-\w*c$/,
  add: /^-\w*[ipe]/,
  am: /^-\w*i/,
  commit: /^-\w*[pSe]/,
  tag: /^-\w*[su]/,
  checkout: /^-\w*p/,
  reset: /^-\w*p/,
  stash: /^-\w*p/,
  clean: /^-\w*i/,
  branch: /^--edit/,
  config: /^(?:-e|--edit)/,
};

const writing: Readonly<Record<string, readonly string[]>> = {
  archive: ['-o', '--output'],
  'format-patch': ['-o', '--output-directory'],
};

/** Of subcommands: they run what their arguments say, or an editor. */
const runningWords: Readonly<Record<string, RegExp>> = {
  bisect: /^(?:run|visualize|view)$/,
  submodule: /^foreach$/,
  config:
    /^(?!--(?:list|get|get-all|get-regexp|global|local|show-origin|name-only|system)$|-l$|(?:user|color|init|push|pull|fetch|branch|remote|safe|advice|http\.postbuffer|credential\.usehttppath)[.\w/@: +-]*$).*\b(?:alias|core|diff|merge|filter|gpg|credential|pager|sequence|uploadpack|receive|include|ssh|protocol|man|web|browser|trailer|difftool|mergetool|sendemail|instaweb|gui|interactive|hook)/i,
};

export const git: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const { found } = reading;
  const given = readOptions(invocation.args, globals);
  checkGiven(given, globals, reading);
  for (const { role, value } of given.options) applyRole(role, value, reading, place);
  const to = given.options.findLast(({ role }) => role === 'directory')?.value;
  const inside =
    to === undefined ? place : { ...place, directories: directoriesAfter(place, pathOf(to)) };
  const [subcommand, ...args] = given.operands;
  if (subcommand === undefined) return;
  const name = argumentOf(subcommand);
  // Any other name may be an alias, or a program `git-NAME`.
  if (name === null || !builtIn.has(name)) return found.doubt('option');
  readSubcommand(name, args, reading, inside);
};

function readSubcommand(
  name: string,
  args: readonly Value[],
  reading: Reading,
  place: Place,
): void {
  const { found } = reading;
  const end = args.findIndex((arg) => argumentOf(arg) === '--');
  args.forEach((arg, at) => {
    const text = argumentOf(arg);
    const isPath = end !== -1 && at > end;
    if (text === null) {
      if (!isPath && arg.kind !== 'literal' && arg.dash) found.doubt('argument');
      return;
    }
    if (isPath) return;
    if (running.test(text) || runningShort[name]?.test(text) === true) found.doubt('option-runs');
    if (runningWords[name]?.test(text) === true) found.doubt('option-runs');
    const output = /^--output(?:-directory)?=(.*)$/.exec(text)?.[1];
    if (output !== undefined) found.path('writes', literal(output), place);
    else if (/^--ou/.test(text) || writing[name]?.includes(text) === true) {
      const next = args[at + 1];
      if (next !== undefined) found.path('writes', next, place);
    } else if (writing[name] !== undefined && /^-\w*o/.test(text)) found.doubt('path');
  });
  readEffects(name, args, reading, place);
}

/** Remote addresses, and files of the working tree. */
function readEffects(name: string, args: readonly Value[], reading: Reading, place: Place): void {
  const { found } = reading;
  readFiles(name, args, reading, place);
  const operands = args.filter((arg) => !/^-/.test(argumentOf(arg) ?? ''));
  switch (name) {
    case 'clone':
      for (const value of operands.slice(0, 1)) readRemote(value, reading, place);
      found.path('writes', operands[1] ?? literal('.'), place);
      return;
    case 'fetch':
    case 'pull':
    case 'push':
    case 'ls-remote':
    case 'remote':
    case 'submodule':
      for (const value of operands)
        if (/[:/]/.test(argumentOf(value) ?? '')) readRemote(value, reading, place);
      if (name !== 'push' && name !== 'ls-remote') found.path('writes', literal('.'), place);
      return;
    case 'init':
    case 'worktree':
      for (const value of [literal('.'), ...operands]) found.path('writes', value, place);
      return;
    case 'rm':
    case 'clean':
      for (const value of operands.length === 0 ? [literal('.')] : operands)
        found.path('deletes', value, place);
      return;
    case 'mv':
      for (const value of operands) applyRole('change', value, reading, place);
      return;
    case 'checkout':
    case 'switch':
    case 'restore':
    case 'reset':
    case 'merge':
    case 'rebase':
    case 'stash':
    case 'apply':
    case 'am':
    case 'cherry-pick':
    case 'revert':
      found.path('writes', literal('.'), place);
      return;
    default:
      return;
  }
}

/** Show what is in the repository or around it. */
const showing: ReadonlySet<string> = new Set([
  ...['archive', 'blame', 'cat-file', 'diff', 'diff-tree', 'format-patch', 'grep', 'log', 'show'],
  ...['reflog', 'rev-list', 'stash', 'whatchanged'],
]);

/** Take files from anywhere: outside of a repository, `diff` and `grep` do, too (git-diff(1), "--no-index"). */
const takingFiles: ReadonlySet<string> = new Set([
  ...['add', 'am', 'apply', 'blame', 'diff', 'grep', 'hash-object', 'update-index'],
]);

/** Options that name a file to read; as git takes them, also by their beginnings. */
const readingOptions = [
  ...['--add-file', '--bundle-uri', '--contents', '--exclude-from', '--file', '--ignore-revs-file'],
  ...['--pathspec-from-file', '--reference', '--reference-if-able', '--separate-git-dir'],
];
const readingShort: Readonly<Record<string, RegExp>> = {
  blame: /^-\w*?S(.*)$/,
  commit: /^-\w*?[Ft](.*)$/,
  config: /^-f(.*)$/,
  grep: /^-\w*?f(.*)$/,
  'ls-files': /^-\w*?X(.*)$/,
  merge: /^-\w*?F(.*)$/,
  notes: /^-\w*?F(.*)$/,
  tag: /^-\w*?F(.*)$/,
};

function readFiles(name: string, args: readonly Value[], reading: Reading, place: Place): void {
  const { found } = reading;
  if (showing.has(name)) found.path('reads', literal('.'), place);
  args.forEach((arg, at) => {
    const text = argumentOf(arg);
    if (text?.startsWith('-') !== true) {
      if (takingFiles.has(name)) found.path('reads', arg, place);
      return;
    }
    const file = fileGiven(name, text, args[at + 1]);
    if (file === undefined) return;
    found.path('reads', file, place);
    // What is set in a file that git reads can be what it runs.
    if (name === 'config') found.path('writes', file, place);
  });
}

function fileGiven(name: string, text: string, next: Value | undefined): Value | undefined {
  const [, long, attached] = /^(--[a-z-]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (long !== undefined) {
    if (!readingOptions.some((option) => option.startsWith(long))) return undefined;
    return attached === undefined ? next : literal(attached);
  }
  const short = readingShort[name]?.exec(text)?.[1];
  if (short === undefined) return undefined;
  return short === '' ? next : literal(short);
}

/** A URL, `host:path`, or a path; `ext::` and other helpers run programs. */
function readRemote(value: Value, reading: Reading, place: Place): void {
  const text = argumentOf(value);
  if (text === null) return reading.found.doubt('host');
  if (text.includes('::') || text.startsWith('-')) return reading.found.doubt('option-runs');
  if (/^[a-z+]+:\/\//i.test(text))
    return /^file:/i.test(text) ? reading.found.doubt('path') : checkUrl(value, reading);
  const remote = remotePath(text);
  if (remote === undefined) return reading.found.path('reads', value, place);
  reading.found.host(literal(remote.host));
}

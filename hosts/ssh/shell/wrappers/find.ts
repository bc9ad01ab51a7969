// find: expressions that run, delete and write (findutils manual).

import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import type { Place, Reading } from '../place.ts';
import { wrappedBy } from '../place.ts';
import type { Value } from '../value.ts';
import { argumentOf, literal, open, pathOf } from '../value.ts';

const executing: ReadonlySet<string> = new Set(['-exec', '-execdir', '-ok', '-okdir']);
const writing: ReadonlySet<string> = new Set(['-fprint', '-fprint0', '-fls', '-fprintf']);
const reading: ReadonlySet<string> = new Set([
  '-newer',
  '-anewer',
  '-cnewer',
  '-samefile',
  '-files0-from',
]);
const withoutValue: ReadonlySet<string> = new Set([
  ...[
    '-a',
    '-and',
    '-o',
    '-or',
    '-not',
    '!',
    '(',
    ')',
    ',',
    '-print',
    '-print0',
    '-ls',
    '-prune',
    '-quit',
    '-delete',
    '-empty',
    '-depth',
  ],
  ...[
    '-d',
    '-mount',
    '-xdev',
    '-noleaf',
    '-nouser',
    '-nogroup',
    '-readable',
    '-writable',
    '-executable',
    '-true',
    '-false',
    '-daystart',
  ],
  ...[
    '-follow',
    '-ignore_readdir_race',
    '-noignore_readdir_race',
    '-warn',
    '-nowarn',
    '-help',
    '--help',
    '-version',
    '--version',
  ],
]);
const withValue: ReadonlySet<string> = new Set([
  ...[
    '-name',
    '-iname',
    '-path',
    '-ipath',
    '-wholename',
    '-iwholename',
    '-lname',
    '-ilname',
    '-regex',
    '-iregex',
    '-regextype',
    '-type',
    '-xtype',
  ],
  ...[
    '-size',
    '-mtime',
    '-mmin',
    '-atime',
    '-amin',
    '-ctime',
    '-cmin',
    '-user',
    '-group',
    '-uid',
    '-gid',
    '-perm',
    '-links',
    '-inum',
  ],
  ...[
    '-maxdepth',
    '-mindepth',
    '-fstype',
    '-used',
    '-printf',
    '-context',
    '-newermt',
    '-newerct',
    '-newerat',
    '-newermm',
    '-neweraa',
    '-D',
  ],
]);

export const find: Reader = (invocation, context, place) => {
  const { found } = context;
  const { args } = invocation;
  const isStart = (text: string | null): boolean => text === null || !/^(?:-.|[!(),]$)/.test(text);
  let at = 0;
  while (/^-(?:[HLP]|O\d)$/.test(argumentOf(args[at] ?? literal('')) ?? '')) at += 1;
  const from = at;
  while (at < args.length && isStart(argumentOf(args[at] ?? literal('')))) at += 1;
  const starts = args.slice(from, at);
  // A start that may begin with a dash is an expression of whoever chooses it.
  if (starts.some((start) => start.kind !== 'literal' && start.dash)) found.doubt('argument');
  const roots = starts.length === 0 ? [literal('.')] : starts;
  for (const root of roots) found.path('reads', root, place);
  report(invocation, context, place);
  readExpression(args.slice(at), roots, context, wrappedBy(place, 'find'));
};

function readExpression(
  expression: readonly Value[],
  roots: readonly Value[],
  context: Reading,
  place: Place,
): void {
  const { found } = context;
  for (let at = 0; at < expression.length; at += 1) {
    const word = argumentOf(expression[at] ?? literal(''));
    if (word === null) {
      found.doubt('argument');
      continue;
    }
    const next = expression[at + 1];
    if (executing.has(word)) {
      at = readExecuted(expression, at, roots, { context, place });
    } else if (word === '-delete') {
      for (const root of roots) found.path('deletes', root, place);
    } else if (writing.has(word) || reading.has(word)) {
      if (next !== undefined) found.path(writing.has(word) ? 'writes' : 'reads', next, place);
      at += word === '-fprintf' ? 2 : 1;
    } else if (withValue.has(word)) {
      if (
        next?.kind !== 'literal' &&
        next !== undefined &&
        (next.kind === 'open' ? !next.single : !next.single)
      ) {
        found.doubt('argument');
      }
      at += 1;
    } else if (!withoutValue.has(word)) found.doubt('option');
  }
}

interface Around {
  readonly context: Reading;
  readonly place: Place;
}

/** Reads from `-exec` to its `;` or `+`, whose place it returns. */
function readExecuted(
  expression: readonly Value[],
  at: number,
  roots: readonly Value[],
  { context, place }: Around,
): number {
  const isDirectory =
    expression[at]?.kind === 'literal' && /dir$/.test(argumentOf(expression[at]) ?? '');
  let end = at + 1;
  while (end < expression.length) {
    const word = argumentOf(expression[end] ?? literal(''));
    const isPlus = word === '+' && argumentOf(expression[end - 1] ?? literal('')) === '{}';
    if (word === ';' || isPlus) break;
    end += 1;
  }
  const isMany = argumentOf(expression[end] ?? literal('')) === '+';
  if (end === expression.length) context.found.doubt('argument');
  const argv = expression.slice(at + 1, end);
  const inner: Place = {
    ...place,
    assigns: [],
    directories: isDirectory ? null : place.directories,
  };
  for (const root of roots) {
    context.argv(
      argv.map((word, index) =>
        replaced(word, root, { isProgram: index === 0, isDirectory, isMany }),
      ),
      inner,
    );
  }
  return end;
}

interface Replacement {
  readonly isProgram: boolean;
  readonly isDirectory: boolean;
  readonly isMany: boolean;
}

/** `{}` becomes paths below the start. */
function replaced(
  word: Value,
  root: Value,
  { isProgram, isDirectory, isMany }: Replacement,
): Value {
  const text = argumentOf(word);
  if (!text?.includes('{}')) return word;
  const path = pathOf(root);
  if (isProgram || text !== '{}' || path === undefined) return open(true, text.startsWith('{}'));
  if (isDirectory) return { kind: 'pattern', text: './*', single: !isMany, dash: false };
  return { kind: 'pattern', text: `${path.replace(/\/+$/, '')}/**`, single: !isMany, dash: false };
}

// Programs that write files whose names they make up: split, csplit, mktemp.

import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import type { OptionTable } from '../options.ts';
import { optionTable, readOptions } from '../options.ts';
import type { Place, Reading } from '../place.ts';
import { checkGiven } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import type { Value } from '../value.ts';
import { literal, pathOf } from '../value.ts';

const splitTable = optionTable(
  '-dux -a:text -b:text -C:text -l:text -n:text -t:text -e --suffix-length:text --bytes:text --line-bytes:text --lines:text --number:text ' +
    '--numeric-suffixes?text --additional-suffix:text --filter:runs --verbose --help --version',
);
const csplitTable = optionTable(
  '-skz -b:text -f:text -n:text --prefix:text --suffix-format:text --digits:text --quiet --silent --elide-empty-files --help --version',
);
const mktempTable = optionTable(
  '-dqut -p:text --directory --dry-run --quiet --suffix:text --tmpdir?text --help --version',
);

const optionsOf = (args: readonly Value[], table: OptionTable, reading: Reading, place: Place) => {
  const given = readOptions(args, table);
  checkGiven(given, table, reading);
  for (const { role, value } of given.options) applyRole(role, value, reading, place);
  return given;
};

/** Names that begin as told. */
function writeNumbered(prefix: Value, { found }: Reading, place: Place): void {
  const path = pathOf(prefix);
  if (path === undefined) return found.doubt('path');
  found.path('writes', { kind: 'pattern', text: `${path}*`, single: true, dash: false }, place);
}

const split: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const { operands } = optionsOf(invocation.args, splitTable, reading, place);
  const [file, prefix] = operands;
  if (file !== undefined) applyRole('read', file, reading, place);
  writeNumbered(prefix ?? literal('x'), reading, place);
};

const csplit: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const { options, operands } = optionsOf(invocation.args, csplitTable, reading, place);
  const [file] = operands;
  if (file !== undefined) applyRole('read', file, reading, place);
  const prefix = options.findLast(({ name }) => name === '-f' || name === '--prefix')?.value;
  writeNumbered(prefix ?? literal('xx'), reading, place);
};

const mktemp: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const { options, operands } = optionsOf(invocation.args, mktempTable, reading, place);
  const isElsewhere = options.some(({ name }) => /^(?:-p|-t|--tmpdir)$/.test(name));
  const [template] = operands;
  if (isElsewhere) reading.found.doubt('path');
  const path = template === undefined ? '/tmp/tmp.*' : pathOf(template)?.replace(/X{3,}/g, '*');
  if (path === undefined) return reading.found.doubt('path');
  reading.found.path('writes', { kind: 'pattern', text: path, single: true, dash: false }, place);
};

export const numberedFilePrograms: readonly (readonly [string, Reader])[] = [
  ['split', split],
  ['csplit', csplit],
  ['mktemp', mktemp],
];

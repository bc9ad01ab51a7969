// xargs: the command gets more arguments, which are known only when it runs.

import type { Reader } from '../invocation.ts';
import { optionTable, readOptions } from '../options.ts';
import { wrappedBy } from '../place.ts';
import { checkGiven } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import { literal, open } from '../value.ts';

const table = optionTable(
  '-0oprtx -a:read -d:text -E:text -e?text -I:text -i?text -L:text -l?text -n:text -P:text -s:text --null --arg-file:read --delimiter:text --eof?text ' +
    '--replace?text --max-lines?text --max-args:text --open-tty --max-procs:text --interactive --process-slot-var:text --no-run-if-empty --max-chars:text ' +
    '--show-limits --verbose --exit --help --version',
  { permutes: false },
);

export const xargs: Reader = (invocation, reading, place) => {
  const given = readOptions(invocation.args, table);
  checkGiven(given, table, reading);
  for (const { role, value } of given.options) applyRole(role, value, reading, place);
  const replace = given.options.findLast(({ name }) => /^-[Ii]$|^--replace$/.test(name));
  reading.found.program(invocation.name);
  const inner = { ...wrappedBy(place, invocation.name), assigns: [] };
  const command = given.operands.length === 0 ? [literal('echo')] : given.operands;
  if (replace === undefined) {
    reading.argv([...command, open(false)], inner);
    return;
  }
  const mark =
    replace.value.kind === 'literal' && replace.value.text !== '' ? replace.value.text : '{}';
  const [program, ...args] = command;
  if (program === undefined) return;
  const isReplaced = program.kind === 'literal' && program.text.includes(mark);
  reading.argv(
    [
      isReplaced ? open(true) : program,
      ...args.map((arg) =>
        arg.kind === 'literal' && arg.text.includes(mark)
          ? open(true, arg.text.startsWith(mark))
          : arg,
      ),
    ],
    inner,
  );
};

// Lines from lines: pieces of shell put where they change what is quoted, nested or separated.

import type { Random } from '../../fuzz/random.ts';

const pieces = [
  ...[
    "'",
    '"',
    '\\',
    '$',
    '`',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    ';',
    '&',
    '|',
    '<',
    '>',
    '#',
    '!',
    '*',
    '?',
    '~',
    '=',
    ' ',
    '\n',
    '\t',
    ',',
    ':',
    '-',
  ],
  ...[
    '$(id)',
    '`id`',
    '<(id)',
    '>(id)',
    '$((',
    '))',
    '((',
    '[[ ',
    ' ]]',
    ' && ',
    ' || ',
    ';;',
    ';&',
    '&>',
    '>&',
    '2>&1',
    '|&',
    '<<<',
    '<<E\n',
    '\nE\n',
    "<<'E'\n",
    '<<-E\n',
    '\\\n',
  ],
  ...[
    "$'",
    '$"',
    '${x:-',
    '${x//',
    '${x[',
    '${!',
    '${#',
    "'a[$(id)]'",
    'a[$(id)]',
    '$x',
    '"$x"',
    '$@',
    '"$@"',
    '$1',
    '{a,b}',
    '{1..3}',
    '@(',
    '!(',
    '+(',
    '$[',
    "\\'",
    '\\"',
    "$'\\x69d'",
    "$'\\''",
  ],
  ...[
    'eval ',
    'exec ',
    'command ',
    'builtin ',
    'env ',
    'nohup ',
    'timeout 1 ',
    'nice ',
    'xargs ',
    'time ',
    '! ',
    'coproc ',
    'trap id EXIT;',
    'alias x=id;',
    'x=id;',
    'x=y ',
    'export ',
    'declare ',
    'declare -i ',
    'local ',
    'readonly ',
  ],
  ...[
    'let ',
    'test ',
    '[ ',
    'read ',
    'printf ',
    'printf -v ',
    'set ',
    'unset ',
    'source ',
    '. ',
    'cd dir;',
    'cd /tmp && ',
    'f() { ',
    'function f ',
    'if ',
    'then ',
    ' fi',
    'for i in ',
    'do ',
    ' done',
    'while ',
    'case x in x) ',
    ' esac',
    'in ',
    'else ',
    'elif ',
    'select ',
  ],
  ...[
    'id',
    'ls',
    ' evil',
    'bash -c ',
    "sh -c 'id'",
    'bash <<< id',
    ' | sh',
    ' | bash',
    '> out',
    '>> out',
    '2> out',
    '< a',
    '> $x',
    ' -exec id {} \\;',
    ' -delete',
    '-c ',
    '-v ',
    '-v',
    '--',
    '$?',
    '$#',
    '$$',
    '$-',
    '~/x',
    '/dev/tcp/127.0.0.1/1',
    'PATH=/w ',
  ],
] as const;

const at = (text: string, random: Random): number => random.below(text.length + 1);

function mutatedOnce(line: string, seeds: readonly string[], random: Random): string {
  const from = at(line, random);
  const to = Math.min(line.length, from + 1 + random.below(6));
  switch (random.below(7)) {
    case 0:
      return line.slice(0, from) + line.slice(to);
    case 1:
      return line.slice(0, from) + line.slice(from, to) + line.slice(from);
    case 2: {
      const other = seeds[random.below(seeds.length)] ?? '';
      return line.slice(0, from) + other.slice(at(other, random));
    }
    case 3: {
      const piece = pieces[random.below(pieces.length)] ?? '';
      return line.slice(0, from) + piece + line.slice(to);
    }
    default: {
      const piece = pieces[random.below(pieces.length)] ?? '';
      return line.slice(0, from) + piece + line.slice(from);
    }
  }
}

/** A seed with one to four changes. */
export function mutated(seeds: readonly string[], random: Random): string {
  let line = seeds[random.below(seeds.length)] ?? '';
  for (let left = 1 + random.below(4); left > 0; left -= 1) line = mutatedOnce(line, seeds, random);
  return line.slice(0, 400).replace(/\n+$/, '');
}

// What is said of commands: everyday ones, those that hide something, and the text that is none.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { CommandFacts } from '../../../../hosts/ssh/shell/index.ts';
import {
  commandBytesMax,
  decodeCommand,
  doubts,
  readCommand,
} from '../../../../hosts/ssh/shell/index.ts';
import { attacks } from './attacks.ts';
import { everyday } from './everyday.ts';

const factsOf = (text: string): CommandFacts => {
  const read = readCommand(text);
  if (read.kind === 'refused') throw new Error(`${read.rule}: ${text}`);
  return read.facts;
};

/** `name(user) args` of each command, its wrappers in front. */
const shown = (text: string): readonly string[] =>
  factsOf(text).commands.map(({ name, user, args, wrappers }) =>
    [...wrappers, user === '' ? name : `${name}(${user})`, ...args.map((arg) => arg ?? '?')].join(
      ' ',
    ),
  );

describe('everyday lines', () => {
  it('are at least three hundred, each another', () => {
    expect(new Set(everyday).size).toBeGreaterThanOrEqual(300);
    expect(new Set(everyday).size).toBe(everyday.length);
  });

  it('are rated static, but for one in twenty', () => {
    const others = everyday.filter((line) => factsOf(line).confidence !== 'static');
    expect(others.length / everyday.length).toBeLessThanOrEqual(0.05);
  });
});

describe('lines that hide what they run', () => {
  it('are at least a hundred and fifty', () => {
    expect(attacks.length).toBeGreaterThanOrEqual(150);
  });

  it.each(attacks)('$line', ({ line, said }) => {
    const facts = factsOf(line);
    const known = [
      ...[
        facts.programs,
        facts.reads,
        facts.writes,
        facts.deletes,
        facts.hosts,
        facts.doubts,
      ].flat(),
      ...facts.commands.map(({ user }) => user),
      ...(facts.confidence === 'static' ? [] : ['!']),
    ];
    expect(known).toEqual(expect.arrayContaining(said.split(' ')));
  });
});

describe('facts', () => {
  it.each([
    ['ls -l "a b"', ['ls -l a b']],
    ['sudo -u bob timeout 5 ls', ['sudo timeout ls(bob)']],
    ['sudo ls; ls', ['sudo ls(root)', 'ls']],
    ['bash -c "ls; id"', ['bash ls', 'bash id']],
    ['for i in 1 2; do ls $i; done', ['ls 1', 'ls 2']],
    ['d=/srv; ls $d/x', ['ls /srv/x']],
    ['ls $x', ['ls ?']],
    ['ls *.log', ['ls ?']],
    ['cp a{1,2} b', ['cp a1 a2 b']],
    ['xargs ls -l', ['xargs ls -l ?']],
    ['find . -exec ls {} +', ['find . -exec ls {} +', 'find ls ?']],
    ['ssh bob@h ls', ['ssh sh ls']],
    ["sh -c 'ls'", ['sh ls']],
  ])('%s', (text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  it('tells what is piped, in the background, opaque, and set for a command alone', () => {
    const [first, second, third] = factsOf('A=1 ls | sh & id').commands;
    expect(first).toMatchObject({ assigns: ['A'], piped: false, background: true, opaque: '' });
    expect(second).toMatchObject({ piped: true, background: true, opaque: 'stdin' });
    expect(third).toMatchObject({ piped: false, background: false, assigns: [] });
  });

  it('lists wrappers among programs, each once, in order', () => {
    expect(factsOf('sudo nice ls; sudo id').programs).toEqual(['sudo', 'nice', 'ls', 'id']);
  });

  it.each([
    ['cat a > b', ['a'], ['b'], []],
    ['mv a b', ['a'], ['b'], ['a']],
    ['cp -t d a b', ['a', 'b'], ['d'], []],
    ['rm -rf /x "$HOME/y"', [], [], ['/x', '~/y']],
    ['cd /srv && touch a', [], ['/srv/a'], []],
    ['cd /srv; touch a', [], ['/srv/a', 'a'], []],
    ['(cd /srv; ls a); ls b', ['/srv/a', 'a', 'b'], [], []],
    ['tar -C /x -xf a.tar', ['a.tar'], ['/x/.'], []],
    ['dd if=/dev/sda of=x', ['/dev/sda'], ['x'], []],
    ['ls > /dev/null 2>&1', [], [], []],
    ['grep -e a -f b c', ['b', 'c'], [], []],
    ['grep a b', ['b'], [], []],
    ['sed -i s/a/b/ x', ['x'], ['x'], []],
    ['find /x -name y -delete', ['/x'], [], ['/x']],
    ['find /x -exec rm {} +', ['/x'], [], ['/x/**']],
    ['gzip a', ['a'], ['a.gz'], ['a']],
    ['tar czf b-$(date +%F).tgz /etc', ['/etc'], ['b-*.tgz'], []],
    ['chmod -x a', [], ['a'], []],
  ])('%s reads, writes and deletes', (text, reads, writes, deletes) => {
    const facts = factsOf(text);
    expect({ reads: facts.reads, writes: facts.writes, deletes: facts.deletes }).toEqual({
      reads,
      writes,
      deletes,
    });
    expect(facts.confidence).toBe('static');
  });

  it.each([
    ['ssh -p 22 bob@web-1 ls', ['web-1']],
    ['scp a bob@web-1:/x', ['web-1']],
    ["rsync -a 'rsync://[2001:db8::1]/x' y", ['2001:db8::1']],
    ['curl https://a:b@web-1:8443/x', ['web-1']],
    ['git clone git@web-1:x/y.git', ['web-1']],
    ['nc -z web-1 22', ['web-1']],
  ])('%s reaches', (text, hosts) => {
    expect(factsOf(text).hosts).toEqual(hosts);
  });

  it('are JSON, and the same each time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyday), (line) => {
        const facts = factsOf(line);
        expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
        expect(factsOf(line)).toEqual(facts);
      }),
    );
  });

  it('of a line hold in a list, a subshell and a shell of its own', () => {
    const plain = everyday.filter((line) => !/[\n'\\]|^cd |history|\$\(|`/.test(line));
    for (const line of plain) {
      const { programs } = factsOf(line);
      for (const text of [
        `true; ${line}`,
        `( ${line}\n)`,
        `if true; then ${line}\nfi`,
        `sh -c '${line}'`,
      ]) {
        expect(factsOf(text).programs).toEqual(expect.arrayContaining([...programs]));
      }
    }
  });

  it('are given for any text, in any state', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...'\'"`$(){}[]<>|&;\\\n #!*?~=ab-'.split('')), { maxLength: 60 }),
        (characters) => {
          const read = readCommand(characters.join(''));
          if (read.kind === 'refused') return;
          const { confidence, doubts: found } = read.facts;
          expect(confidence === 'static').toBe(found.length === 0);
          expect(found.every((doubt) => doubt in doubts)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('refused text', () => {
  it.each([
    ['', 'command-empty'],
    [' \n\t', 'command-empty'],
    ['ls\0', 'command-nul'],
    ['ls\r\nid', 'command-return'],
    ['ls\x1b[0m', 'command-control'],
    ['ls\u202eid', 'command-control'],
    ['ls\u009b', 'command-control'],
    ['ls \ud800', 'command-encoding'],
    ['a'.repeat(commandBytesMax + 1), 'command-length'],
    ['é'.repeat(commandBytesMax / 2 + 1), 'command-length'],
  ])('%j: %s', (text, rule) => {
    expect(readCommand(text)).toMatchObject({ kind: 'refused', rule });
  });

  it('is none with tabs, newlines, and characters of other languages', () => {
    expect(factsOf('ls\t"é ü 漢"\nid').programs).toEqual(['ls', 'id']);
  });

  it('is found in bytes, too', () => {
    expect(decodeCommand(Buffer.from('lsé'))).toEqual({ kind: 'text', text: 'lsé' });
    expect(decodeCommand(Buffer.from([0xff]))).toMatchObject({ rule: 'command-encoding' });
    expect(decodeCommand(Buffer.alloc(commandBytesMax + 1))).toMatchObject({
      rule: 'command-length',
    });
    // A mark of byte order is a character of the first word.
    expect(decodeCommand(Buffer.from('\ufeffls'))).toEqual({ kind: 'text', text: '\ufeffls' });
  });
});

describe('long and deep text', () => {
  const units = [
    'a ',
    'a\n',
    'a|',
    '$(',
    '`',
    '(',
    '{ ',
    '"$(',
    '<(',
    '${x:-',
    '$((',
    '((',
    '[[ ',
    'if ',
    '<<E ',
    '{a,',
    '[',
    'x=1;',
    'f(){ ',
    'sudo ',
    'eval ',
    'find . -exec ',
    'for i in 1 2;do ',
  ];

  it.each(units)('of %j is read in time', (unit) => {
    const text = unit.repeat(Math.floor(commandBytesMax / unit.length));
    const before = process.cpuUsage();
    expect(readCommand(text).kind).toBe('read');
    const { user } = process.cpuUsage(before);
    // Ten milliseconds when warm; this is cold, and instrumented.
    expect(user / 1000).toBeLessThan(400);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { ScreenHints } from '../../../../hosts/ssh/interactive/screen-hints.ts';

type Side = readonly ['typed' | 'shown', string];

const hintsOf = (sides: readonly Side[]): readonly string[] => {
  const found: string[] = [];
  const hints = new ScreenHints(({ text }) => found.push(text));
  for (const [side, text] of sides) hints[side](Buffer.from(text));
  return found;
};

const echoed = (keys: string): readonly Side[] =>
  Array.from(keys).flatMap((key): Side[] => [
    ['typed', key],
    ['shown', key === '\r' ? '\r\n' : key],
  ]);

describe('lines that a screen showed', () => {
  it.each([
    ['what stands behind the prompt', [['shown', '$ '], ...echoed('ls -l\r')], ['ls -l']],
    [
      'erased characters',
      [['shown', '$ '], ['typed', 'lx\x7f'], ['shown', 'lx\b \b'], ...echoed('s\r')],
      ['ls'],
    ],
    [
      'a recalled line',
      [['shown', '$ '], ['typed', '\x1b[A'], ['shown', 'make'], ...echoed('\r')],
      ['make'],
    ],
    [
      'a line painted anew',
      [['shown', '$ '], ...echoed('l'), ['shown', '\r\x1b[K$ ls'], ...echoed('\r')],
      ['ls'],
    ],
    ['output alone', [['shown', 'one\r\ntwo\r\n']], []],
    [
      'nothing that is not echoed',
      [
        ['shown', 'Password: '],
        ['typed', 'secret\r'],
        ['shown', '\r\n'],
      ],
      [],
    ],
    [
      'no keys of a full-screen program',
      [['shown', '\x1b[?1049h'], ...echoed('dd\r'), ['shown', '\x1b[?1049l']],
      [],
    ],
    ['titles', [['shown', '\x1b]0;title\x07$ '], ...echoed('id\r')], ['id']],
    [
      'inserted characters',
      [['shown', '$ '], ...echoed('ac'), ['shown', '\x1b[D\x1b[@b\x1b[C'], ...echoed('\r')],
      ['abc'],
    ],
    [
      'deleted characters',
      [['shown', '$ '], ...echoed('abc'), ['shown', '\x1b[2D\x1b[P\x1b[C'], ...echoed('\r')],
      ['ac'],
    ],
  ] as const)('%s', (_, sides, hints) => {
    expect(hintsOf(sides)).toEqual(hints);
  });

  it('are bounded, and nothing throws', () => {
    const side = fc.tuple(
      fc.constantFrom('typed' as const, 'shown' as const),
      fc.oneof(
        fc.constantFrom(
          '\r',
          '\n',
          '\b',
          '\x1b[4096C',
          '\x1b[999999@',
          '\x1b[9999999G',
          '\x1b]',
          '\x07',
        ),
        fc.string({ unit: 'binary', maxLength: 9 }),
      ),
    );
    fc.assert(
      fc.property(fc.array(side, { maxLength: 60 }), (sides) => {
        for (const hint of hintsOf(sides))
          expect(Array.from(hint).length).toBeLessThanOrEqual(4096);
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { WireError, decodeStartupOptions } from '../../../../hosts/postgres/wire/index.ts';

describe('startup options', () => {
  it.each([
    ['', []],
    [' \t\n', []],
    ['-c statement_timeout=5s', [['statement_timeout', '5s']]],
    ['-cstatement_timeout=5s', [['statement_timeout', '5s']]],
    ['--statement-timeout=5s', [['statement_timeout', '5s']]],
    ['  -c   a=b  ', [['a', 'b']]],
    ['-c A-B=C-D', [['a_b', 'C-D']]],
    ['-c a=b=c', [['a', 'b=c']]],
    ['-c a=', [['a', '']]],
    [
      '-c a=1 --a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [String.raw`-c search_path="$user",\ public`, [['search_path', '"$user", public']]],
    [String.raw`-c a=b\\c`, [['a', String.raw`b\c`]]],
    [String.raw`-c a=b\c`, [['a', 'bc']]],
    [
      String.raw`-c a=b\\ -c d=e`,
      [
        ['a', 'b\\'],
        ['d', 'e'],
      ],
    ],
    ['-c a=b\\', [['a', 'b']]],
    [String.raw`-c\ a=b`, [[' a', 'b']]],
    ['-c a=é\u00a0ü', [['a', 'é\u00a0ü']]],
  ])('reads %j as the server does', (text, settings) => {
    expect(decodeStartupOptions(text)).toEqual(settings);
  });

  it.each([
    '-c',
    '-c ',
    '-c a',
    '-c =b',
    '-c a -c b=c',
    '--',
    '--a b',
    '-e',
    '-f s',
    '-S 100',
    '-ec a=b',
    'a=b',
    '- c',
    '\\',
    '-d5 -c a=b',
  ])('refuses %j', (text) => {
    expect(() => decodeStartupOptions(text)).toThrow(WireError);
  });

  it('reads back every setting that is written with all its special characters escaped', () => {
    const name = fc.stringMatching(/^[a-z][a-z_.0-9]{0,20}$/);
    const setting = fc.tuple(name, fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(setting), fc.constantFrom('-c ', '-c', '--'), (settings, flag) => {
        const words = settings.map(
          ([key, value]) => flag + `${key}=${value}`.replace(/[\\\s]/g, '\\$&'),
        );
        expect(decodeStartupOptions(words.join(' '))).toEqual(settings);
      }),
    );
  });
});

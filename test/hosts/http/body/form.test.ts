import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { readBody } from '../../../../hosts/http/body/index.ts';
import { outcomeOf, valueOf } from './outcome.ts';

const form = 'application/x-www-form-urlencoded';
const fields = (body: string | Buffer, type = form) => {
  const outcome = outcomeOf(readBody(Buffer.from(body), type));
  return typeof outcome === 'string'
    ? outcome
    : outcome.fields.map(({ name, value }) => [name, value]);
};

describe('a form', () => {
  it.each([
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      'name=Ada+Lovelace&city=K%C3%B6ln%20S%c3%bcd',
      [
        ['name', 'Ada Lovelace'],
        ['city', 'Köln Süd'],
      ],
    ],
    [
      'a=b=c&d=%26%3D%2B%3b',
      [
        ['a', 'b=c'],
        ['d', '&=+;'],
      ],
    ],
    [
      'flag&empty=',
      [
        ['flag', ''],
        ['empty', ''],
      ],
    ],
    ['q=ü', [['q', 'ü']]],
    ['items%5B0%5D=x', [['items[0]', 'x']]],
  ])('%s', (body, expected) => {
    expect(fields(body)).toEqual(expected);
  });

  it('may be declared as UTF-8', () => {
    expect(fields('a=1', `${form}; charset=UTF-8`)).toEqual([['a', '1']]);
    expect(fields('a=1', `${form};charset="utf-8"`)).toEqual([['a', '1']]);
  });

  it.each([
    ['an empty field', 'a=1&&b=2', 'form-syntax'],
    ['a last field that is empty', 'a=1&', 'form-syntax'],
    ['a field without a name', '=1', 'form-syntax'],
    ['a semicolon, at which some servers cut', 'a=1;admin=1', 'form-syntax'],
    ['a percent sign alone', 'a=100%', 'form-encoding'],
    ['a percent sign with one digit', 'a=%4', 'form-encoding'],
    ['a percent sign with no digits', 'a=%zz', 'form-encoding'],
    ['%u', 'a=%u0041', 'form-encoding'],
    ['a NUL', 'a=x%00y', 'form-encoding'],
    ['a NUL in a name', 'admin%00x=1', 'form-encoding'],
    ['a space', 'a=x y', 'form-encoding'],
    ['a line end', 'a=1\r\n', 'form-encoding'],
    ['overlong UTF-8', 'a=%C0%AF', 'body-charset'],
    ['latin1', 'a=%FC', 'body-charset'],
    ['an encoding of its own', '_charset_=utf-7&a=1', 'form-charset'],
  ])('is refused for %s', (_, body, rule) => {
    expect(fields(body)).toBe(rule);
  });

  it('is refused where a percent sequence completes a bare byte', () => {
    expect(fields(Buffer.from('a=%C3\xa5', 'latin1'))).toBe('body-charset');
    expect(fields(Buffer.from('a=\xc3%A5', 'latin1'))).toBe('body-charset');
  });

  it('is refused in another encoding', () => {
    expect(fields('a=1', `${form}; charset=utf-7`)).toBe('body-charset');
    expect(fields('a=1', `${form}; charset=utf-8; charset=utf-7`)).toBe('body-content-type');
  });

  it('is read as URLSearchParams does, and its writing is read back', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 });
    const pairs = fc.array(fc.tuple(name, fc.string({ unit: 'grapheme' })));
    fc.assert(
      fc.property(pairs, (written) => {
        const body = Buffer.from(new URLSearchParams(written).toString());
        const isOdd = written.some(([key, value]) => key === '_charset_' || /\0/.test(key + value));
        fc.pre(!isOdd);
        const read = valueOf(readBody(body, form)).fields;
        expect(read.map((field) => [field.name, field.value])).toEqual(written);
      }),
    );
  });

  it('of any bytes is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('a=&%+4f;\0 é')) }), (body) => {
        const read = readBody(Buffer.from(body), form);
        if (read.kind === 'read' && body !== '') {
          const reference = [...new URLSearchParams(body)];
          expect(read.value.fields.map((field) => [field.name, field.value])).toEqual(reference);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

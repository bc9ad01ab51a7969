// COPY … TO STDOUT under masks: rows are taken apart as the server put them together.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Engine } from '#engine';
import { maskInto, maskText } from '#engine/masking';
import type { MaskStrategy } from '#engine/model';

import { CopyMasker } from '../../../../hosts/postgres/session/copy-masks.ts';
import type { CopyLayout, ResultMasks } from '../../../../hosts/postgres/sql/index.ts';
import { decodeCopyData, encodeCopyData } from '../../../../hosts/postgres/wire/index.ts';

const key = Buffer.alloc(32);
const engine: Pick<Engine, 'mask' | 'maskInto'> = {
  mask: (value, strategy) => maskText(value, strategy, key),
  maskInto: (value, strategy, sink) => maskInto(value, strategy, key, sink),
};

const text: CopyLayout = {
  kind: 'text',
  delimiter: 9,
  nullText: Buffer.from('\\N'),
  quote: 0x22,
  escape: 0x22,
  hasHeader: false,
};
const csv: CopyLayout = { ...text, kind: 'csv', delimiter: 0x2c, nullText: Buffer.alloc(0) };

/** Of columns id, email, age and note, the middle two are masked. */
const masker = (copy: CopyLayout, strategy: MaskStrategy = 'partial'): CopyMasker => {
  const column = { sources: new Map(), type: 25 };
  const masks: ResultMasks = {
    columns: [
      { ...column, strategy: undefined, name: 'id' },
      { ...column, strategy, name: 'email' },
      { ...column, strategy: 'fixed', name: 'age', type: 23 },
      { ...column, strategy: undefined, name: 'note' },
    ],
    origins: new Map(),
    relations: new Set(),
    copy,
    isComputed: false,
  };
  return new CopyMasker(engine, masks);
};

const through = (masked: CopyMasker, row: string): string => {
  const frame = encodeCopyData(Buffer.from(row));
  masked.rewrite({ buffer: frame, start: 0, end: frame.length });
  return decodeCopyData(masked.take()).toString();
};

const rewrite = (copy: CopyLayout, row: string, strategy?: MaskStrategy): string =>
  through(masker(copy, strategy), row);

describe('masked COPY', () => {
  it.each([
    ['text', text, '1\tada@example.com\t36\tx\n', '1\ta***om\t0\tx\n'],
    ['NULL', text, '1\t\\N\t\\N\t\\N\n', '1\t\\N\t\\N\t\\N\n'],
    ['escapes', text, '1\t\\ta\\nb\\\\cdef\\t\t3\ta\\tb\n', '1\t\\t***f\\t\t0\ta\\tb\n'],
    ['CSV', csv, '1,ada@example.com,36,x\n', '1,a***om,0,x\n'],
    ['CSV with quotes', csv, '1,"a,""b""\ncdef""",3,"q,"\n', '1,"a***f""",0,"q,"\n'],
    ['CSV with NULL', csv, '1,,,x\n', '1,,,x\n'],
    [
      'CSV with another escape',
      { ...csv, escape: 0x5c },
      '1,"a\\"b\\\\cdefg",3,x\n',
      '1,a***fg,0,x\n',
    ],
    [
      'CSV with NULL in quotes',
      { ...csv, nullText: Buffer.from('x') },
      '1,"x",x,y\n',
      '1,***,x,y\n',
    ],
  ])('replaces masked fields in %s', (_name, layout, row, expected) => {
    expect(rewrite(layout, row)).toBe(expected);
  });

  it('keeps a header that is as expected, once', () => {
    const masked = masker({ ...csv, hasHeader: true });
    const row = (line: string): string => through(masked, line);
    expect(row('id,email,age,note\n')).toBe('id,email,age,note\n');
    expect(row('id,email,age,note\n')).toBe('id,***,0,note\n');
  });

  it.each([
    ['a row without an end', text, '1\ta\t3\tx'],
    ['two rows in one message', text, '1\ta\t3\tx\n2\tb\t4\ty\n'],
    ['two CSV rows in one message', csv, '1,a,3,x\n2,b,4,y\n'],
    ['too few columns', text, '1\ta\t3\n'],
    ['too many columns', csv, '1,a,3,x,y\n'],
    ['an open quote', csv, '1,"a,3,x\n'],
    ['a row where the header should be', { ...csv, hasHeader: true }, '1,a,3,x\n'],
    ['nothing', text, ''],
  ])('ends the session at %s', (_name, layout, row) => {
    expect(() => rewrite(layout, row)).toThrow(
      expect.objectContaining({ code: 'upstream-broken' }),
    );
  });

  it('takes the rows of a chunk one by one, and writes none where one does not fit', () => {
    const rows = (...lines: readonly string[]): Buffer =>
      Buffer.concat(lines.map((line) => encodeCopyData(Buffer.from(line))));
    const whole = (buffer: Buffer) => ({ buffer, start: 0, end: buffer.length });
    const masked = masker(text);
    masked.rewrite(whole(rows('1\tada@example.com\t36\tx\n', '2\t\\N\t4\ty\n')));
    expect(() => {
      masked.rewrite(whole(rows('3\tbob@example.com\t36\tx\n', '4\tsecret\n')));
    }).toThrow(expect.objectContaining({ code: 'upstream-broken' }));
    expect(masked.take()).toEqual(rows('1\ta***om\t0\tx\n', '2\t\\N\t0\ty\n'));
  });

  it.each([
    [
      'a delimiter that a mask has',
      { ...csv, delimiter: 0x2a },
      '1*abcdefgh*3*x\n',
      '1*"a***gh"*0*x\n',
    ],
    [
      'a NULL that a mask may be',
      { ...csv, nullText: Buffer.from('***') },
      '1,a,3,x\n',
      '1,"***",0,x\n',
    ],
    [
      'a quote that a mask has',
      { ...csv, quote: 0x2a, escape: 0x2a },
      '1,a,3,x\n',
      '1,********,0,x\n',
    ],
  ])('escapes masks under %s', (_name, layout, row, expected) => {
    expect(rewrite(layout, row)).toBe(expected);
  });

  const line = fc.array(fc.constantFrom(...'ab"\'\\,\t\n\r;x'.split('')), { maxLength: 12 });
  const inText = (value: string): string =>
    value
      .replaceAll('\\', '\\\\')
      .replaceAll('\t', '\\t')
      .replaceAll('\n', '\\n')
      .replaceAll('\r', '\\r');
  const inCsv = (value: string): string => `"${value.replaceAll('"', '""')}"`;

  it.each([
    ['text', text, { write: inText, delimiter: '\t', zero: '0' }],
    ['CSV', csv, { write: inCsv, delimiter: ',', zero: '0' }],
  ] as const)(
    'keeps what is not masked, whatever stands in a row of %s',
    (_name, layout, { write, delimiter, zero }) => {
      fc.assert(
        fc.property(fc.tuple(line, line, line), ([one, secret, other]) => {
          const fields = [one, secret, ['9'], other].map((each) => write(each.join('')));
          const [first, , , last] = fields;
          expect(rewrite(layout, `${fields.join(delimiter)}\n`, 'fixed')).toBe(
            `${[first, '***', zero, last].join(delimiter)}\n`,
          );
        }),
      );
    },
  );
});

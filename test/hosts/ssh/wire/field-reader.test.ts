import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { FieldReader, FieldWriter, WireError } from '../../../../hosts/ssh/wire/index.ts';

const reader = (hex: string) => new FieldReader(Buffer.from(hex, 'hex'));

describe('fields', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(
        fc.nat(0xff),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.string({ unit: 'binary' }),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        (byte, long, text, digits) => {
          const number = Buffer.from(digits);
          number[0] = (number[0] ?? 0) | 1;
          const bytes = new FieldWriter()
            .uint8(byte)
            .uint64(long)
            .string(text)
            .positive(Buffer.concat([Buffer.alloc(2), number]))
            .done();
          const fields = new FieldReader(bytes);
          expect([fields.uint8(), fields.uint64()]).toEqual([byte, long]);
          expect(fields.text()).toBe(text);
          expect(fields.positive(40)).toEqual(number);
          fields.finish();
        },
      ),
    );
  });

  it.each([
    ['an integer that is cut short', '0000', (fields: FieldReader) => fields.uint32()],
    ['no length of a string', '000000', (fields: FieldReader) => fields.string()],
    ['a string that is cut short', '0000000261', (fields: FieldReader) => fields.string()],
    ['a length beyond all memory', 'ffffffff61', (fields: FieldReader) => fields.string()],
    ['text that is no UTF-8', '00000001ff', (fields: FieldReader) => fields.text()],
    ['another boolean', '02', (fields: FieldReader) => fields.boolean()],
    ['a negative number', '0000000180', (fields: FieldReader) => fields.positive(8)],
    ['a number of nothing', '00000000', (fields: FieldReader) => fields.positive(8)],
    ['zero', '0000000100', (fields: FieldReader) => fields.positive(8)],
    ['needless zeros', '00000002007f', (fields: FieldReader) => fields.positive(8)],
    ['a number that is too long', '000000020101', (fields: FieldReader) => fields.positive(1)],
    [
      'bytes that are left',
      '00',
      (fields: FieldReader) => {
        fields.finish();
      },
    ],
  ])('refuse %s', (_name, hex, read) => {
    expect(() => read(reader(hex))).toThrow(WireError);
  });
});

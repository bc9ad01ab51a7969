// Fields are read within their bounds and to the end.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { FieldReader, FieldWriter } from '../../../../hosts/ssh/guard/fields.ts';
import { Violation } from '../../../../hosts/ssh/guard/violation.ts';

const ruleOf = (read: () => unknown): string => {
  try {
    return String(read());
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return error.rule;
  }
};

describe('fields', () => {
  it('come back as they were written', () => {
    const names = fc.array(fc.stringMatching(/^[a-z@.-]{1,20}$/), { maxLength: 5 });
    const written = fc.record({
      boolean: fc.boolean(),
      number: fc.nat(0xffff_ffff),
      bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      text: fc.string({ unit: 'binary' }),
      list: names,
    });
    fc.assert(
      fc.property(written, ({ boolean, number, bytes, text, list }) => {
        const fields = new FieldWriter(98).boolean(boolean).uint32(number);
        const payload = fields.bytes(bytes).text(text).names(list).payload();
        expect(payload[0]).toBe(98);
        const reader = new FieldReader(payload, 1);
        expect(reader.boolean()).toBe(boolean);
        expect(reader.uint32()).toBe(number);
        expect(reader.bytes()).toEqual(bytes);
        expect(reader.text()).toBe(text);
        expect(reader.names()).toEqual(list);
        reader.end();
      }),
    );
  });

  it.each([
    ['an empty number', '', (fields: FieldReader) => fields.uint32()],
    ['a short number', '000000', (fields: FieldReader) => fields.uint32()],
    ['no boolean', '', (fields: FieldReader) => fields.boolean()],
    ['a string without a length', '0000', (fields: FieldReader) => fields.bytes()],
    ['a string that is too short', '00000005aabb', (fields: FieldReader) => fields.bytes()],
    ['a string of 4 GiB', 'ffffffffaa', (fields: FieldReader) => fields.bytes()],
    ['text that is no UTF-8', '00000002c328', (fields: FieldReader) => fields.text()],
    ['an overlong encoding', '00000002c080', (fields: FieldReader) => fields.text()],
    ['bytes behind the end', '00', (fields: FieldReader) => fields.end()],
  ])('are refused: %s', (_what, hex, read) => {
    expect(ruleOf(() => read(new FieldReader(Buffer.from(hex, 'hex'), 0)))).toBe(
      'packet-malformed',
    );
  });
});

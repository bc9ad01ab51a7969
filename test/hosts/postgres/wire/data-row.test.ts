import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  backend,
  columnTable,
  decodeDataRow,
  rewriteDataRow,
  RowRewriter,
  type FrameView,
  type Replacement,
} from '../../../../hosts/postgres/wire/index.ts';

type Value = Buffer | null;

const rowOf = (values: readonly Value[]): Buffer => {
  const parts: Buffer[] = [Buffer.alloc(7)];
  for (const value of values) {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value === null ? -1 : value.length);
    parts.push(length, value ?? Buffer.alloc(0));
  }
  const row = Buffer.concat(parts);
  row.writeUInt8(backend.dataRow, 0);
  row.writeInt32BE(row.length - 1, 1);
  row.writeUInt16BE(values.length, 5);
  return row;
};

/** The row in the middle of a chunk, as the frame reader shows it. */
const viewOf = (row: Buffer): FrameView => {
  const buffer = Buffer.concat([Buffer.from('before'), row, Buffer.from('behind')]);
  return { buffer, start: 6, end: 6 + row.length };
};

const table = columnTable();

const valuesOf = (row: FrameView): Value[] => {
  const columns = decodeDataRow(row, table);
  return Array.from({ length: columns }, (_, column) => {
    const [offset = 0, length = -1] = table.subarray(2 * column, 2 * column + 2);
    return length === -1 ? null : Buffer.from(row.buffer.subarray(offset, offset + length));
  });
};

const value = fc.option(fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)));
const values = fc.array(value, { maxLength: 12 });
const malformed = expect.objectContaining({ code: 'message-malformed' });

describe('decodeDataRow', () => {
  it('finds the columns wherever the row lies', () => {
    fc.assert(
      fc.property(values, (given) => {
        expect(valuesOf(viewOf(rowOf(given)))).toEqual(given);
      }),
    );
  });

  it('reads nothing behind the row', () => {
    const row = rowOf([Buffer.from('abc')]);
    row.writeInt32BE(4, 7);
    expect(() => decodeDataRow(viewOf(row), table)).toThrow(malformed);
  });

  it('refuses more columns than the table has room for', () => {
    const row = viewOf(rowOf([null, null, null]));
    expect(decodeDataRow(row, columnTable(3))).toBe(3);
    expect(() => decodeDataRow(row, columnTable(2))).toThrow(malformed);
  });

  it.each([-2, -0x80000000, 0x7fffffff, 2, 4])('refuses a column of length %i', (length) => {
    const row = rowOf([Buffer.from('abc')]);
    row.writeInt32BE(length, 7);
    expect(() => decodeDataRow(viewOf(row), table)).toThrow(malformed);
  });
});

describe('rewriteDataRow', () => {
  it('replaces the columns that it is told to and no other', () => {
    const changes = fc.array(fc.option(value, { nil: undefined }), { maxLength: 12 });
    fc.assert(
      fc.property(values, changes, (given, wanted) => {
        const replacements: Replacement[] = [];
        const expected = given.map((old, column) => {
          const change = wanted[column];
          if (change === undefined) return old;
          replacements.push({ column, value: change });
          return change;
        });
        const row = viewOf(rowOf(given));
        decodeDataRow(row, table);
        expect(rewriteDataRow(row, table, replacements)).toEqual(rowOf(expected));
      }),
    );
  });

  it('refuses a column that the row does not have, and columns out of order', () => {
    const row = viewOf(rowOf([null, null]));
    decodeDataRow(row, table);
    const nulls = (...columns: number[]) => columns.map((column) => ({ column, value: null }));
    for (const replacements of [nulls(2), nulls(-1), nulls(1, 0), nulls(0, 0)]) {
      expect(() => rewriteDataRow(row, table, replacements)).toThrow(malformed);
    }
  });
});

describe('RowRewriter', () => {
  it('puts rows one behind the other, and never touches what it handed over', () => {
    const rewriter = new RowRewriter();
    const row = viewOf(rowOf([Buffer.from('1'), Buffer.alloc(1000, 'x')]));
    decodeDataRow(row, table);
    const taken: Buffer[] = [];
    const expected: Buffer[] = [];
    for (let count = 0; count < 300; count += 1) {
      const mask = Buffer.from(String(count));
      rewriter.append(row, table, [{ column: 0, value: mask }]);
      expected.push(rowOf([mask, Buffer.alloc(1000, 'x')]));
      if (count % 7 === 0) taken.push(rewriter.take());
    }
    expect(rewriter.bytes).toBeGreaterThan(0);
    taken.push(rewriter.take());
    expect(rewriter.bytes).toBe(0);
    expect(Buffer.concat(taken).equals(Buffer.concat(expected))).toBe(true);
  });

  it('keeps the rows before one that is refused', () => {
    const rewriter = new RowRewriter();
    const row = viewOf(rowOf([Buffer.from('secret')]));
    decodeDataRow(row, table);
    rewriter.append(row, table, [{ column: 0, value: null }]);
    expect(() => {
      rewriter.append(row, table, [{ column: 1, value: null }]);
    }).toThrow(malformed);
    expect(rewriter.take()).toEqual(rowOf([null]));
  });
});

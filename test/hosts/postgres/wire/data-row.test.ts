import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  backend,
  columnTable,
  decodeDataRow,
  RowRewriter,
  type FrameView,
  type ReplacedColumn,
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

const replaced = (column: number, by: Value): ReplacedColumn => ({
  column,
  write: (_value, out) => {
    if (by !== null) out.bytes(by);
    return by !== null;
  },
});

const rewritten = (row: FrameView, columns: readonly ReplacedColumn[]): Buffer => {
  const rewriter = new RowRewriter(columns);
  rewriter.rewrite(row);
  return rewriter.take();
};

const several = fc.array(
  fc.array(fc.option(fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes))), {
    minLength: 3,
    maxLength: 6,
  }),
  { maxLength: 8 },
);

describe('RowRewriter', () => {
  it('replaces the values that it is told to and no other, in all rows of a view', () => {
    const changes = fc.array(fc.option(value, { nil: undefined }), { maxLength: 3 });
    fc.assert(
      fc.property(several, changes, (rows, wanted) => {
        const columns = wanted.flatMap((by, column) =>
          by === undefined ? [] : [replaced(column, by)],
        );
        const expected = rows.map((row) =>
          rowOf(
            row.map((old, at) => (old === null || wanted[at] === undefined ? old : wanted[at])),
          ),
        );
        const view = viewOf(Buffer.concat(rows.map(rowOf)));
        expect(rewritten(view, columns).equals(Buffer.concat(expected))).toBe(true);
      }),
    );
  });

  it('shows each value where it lies', () => {
    const seen: string[] = [];
    const write: ReplacedColumn['write'] = ({ buffer, start, end }) => {
      seen.push(buffer.toString('latin1', start, end));
      return false;
    };
    const rows = ['one', 'two', ''].map((text) => rowOf([Buffer.from('1'), Buffer.from(text)]));
    rewritten(viewOf(Buffer.concat([...rows, rowOf([null, null])])), [{ column: 1, write }]);
    expect(seen).toEqual(['one', 'two', '']);
  });

  it('refuses a column that the row does not have, and columns out of order', () => {
    const row = viewOf(rowOf([null, null]));
    for (const columns of [[2], [-1], [1, 0], [0, 0]]) {
      const nulls = columns.map((column) => replaced(column, null));
      expect(() => rewritten(row, nulls)).toThrow(malformed);
    }
  });

  it.each([-2, -0x80000000, 0x7fffffff, 2, 4])('refuses a column of length %i', (length) => {
    const row = rowOf([Buffer.from('abc')]);
    row.writeInt32BE(length, 7);
    expect(() => rewritten(viewOf(row), [])).toThrow(malformed);
  });

  it.each([-5, 0, 4, 5, 8, 12, 14, 0x7fffffff])('refuses a row of length %i', (length) => {
    const row = rowOf([Buffer.from('abc')]);
    row.writeInt32BE(length, 1);
    expect(() => rewritten({ buffer: row, start: 0, end: row.length }, [])).toThrow(malformed);
  });

  it('puts rows one behind the other, and never touches what it handed over', () => {
    let mask = Buffer.from('');
    const write: ReplacedColumn['write'] = (_value, out) => {
      out.bytes(mask);
      return true;
    };
    const rewriter = new RowRewriter([{ column: 0, write }]);
    const row = viewOf(rowOf([Buffer.from('1'), Buffer.alloc(1000, 'x')]));
    const taken: Buffer[] = [];
    const expected: Buffer[] = [];
    for (let count = 0; count < 300; count += 1) {
      mask = Buffer.from(String(count));
      rewriter.rewrite(row);
      expected.push(rowOf([mask, Buffer.alloc(1000, 'x')]));
      if (count % 7 === 0) taken.push(rewriter.take());
    }
    taken.push(rewriter.take());
    expect(rewriter.take()).toHaveLength(0);
    expect(Buffer.concat(taken).equals(Buffer.concat(expected))).toBe(true);
  });

  it('keeps earlier views, and nothing of one with a row that is refused', () => {
    const rewriter = new RowRewriter([replaced(1, null)]);
    const row = rowOf([Buffer.from('open'), Buffer.from('secret')]);
    rewriter.rewrite(viewOf(row));
    const narrow = rowOf([Buffer.from('secret')]);
    expect(() => {
      rewriter.rewrite(viewOf(Buffer.concat([row, narrow])));
    }).toThrow(malformed);
    expect(rewriter.take()).toEqual(rowOf([Buffer.from('open'), null]));
  });
});

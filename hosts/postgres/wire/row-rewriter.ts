// Writes DataRows with some columns replaced. What is kept is copied as bytes; many rows go out in one buffer.

import { headerBytes, type FrameView } from './frame-reader.ts';
import { OutgoingBytes } from './outgoing-bytes.ts';
import { malformed } from './wire-error.ts';

/** One column's new value: bytes, or null for SQL NULL. */
export interface Replacement {
  readonly column: number;
  readonly value: Buffer | null;
}

export class RowRewriter {
  readonly #out = new OutgoingBytes();

  /** Bytes waiting. */
  get bytes(): number {
    return this.#out.waiting;
  }

  /** The rows appended since the last call. The buffer is the caller's: the rewriter never writes to it again. */
  take(): Buffer {
    return this.#out.take();
  }

  /**
   * `table` as decodeDataRow left it for this row; `replacements` in ascending order of column, each once. A column that
   * the row does not have throws WireError: the description that the masks were built from is not this row's.
   */
  append(row: FrameView, table: Int32Array, replacements: readonly Replacement[]): void {
    const size = sizeOf(row, table, replacements);
    const out = this.#out;
    out.reserve(size);
    let from = row.start;
    for (const { column, value } of replacements) {
      const offset = table[2 * column] ?? 0;
      out.copy(row.buffer, from, offset - 4);
      out.int32(value === null ? -1 : value.length);
      if (value !== null) out.copy(value, 0, value.length);
      from = offset + Math.max(0, table[2 * column + 1] ?? 0);
    }
    out.copy(row.buffer, from, row.end);
    out.int32Back(size - 1, size - 1);
  }
}

const sizeOf = (
  row: FrameView,
  table: Int32Array,
  replacements: readonly Replacement[],
): number => {
  const columns = row.buffer.readUInt16BE(row.start + headerBytes);
  let size = row.end - row.start;
  let previous = -1;
  for (const { column, value } of replacements) {
    if (column <= previous || column >= columns) throw malformed(`row without column ${column}`);
    previous = column;
    size += (value?.length ?? 0) - Math.max(0, table[2 * column + 1] ?? 0);
  }
  return size;
};

/** One row by itself. */
export const rewriteDataRow = (
  row: FrameView,
  table: Int32Array,
  replacements: readonly Replacement[],
): Buffer => {
  const rewriter = new RowRewriter();
  rewriter.append(row, table, replacements);
  return rewriter.take();
};

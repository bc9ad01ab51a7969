// Writes DataRows with some columns replaced. What is kept is copied as bytes; many rows go out in one buffer.

import { headerBytes, type FrameView } from './frame-reader.ts';
import { malformed } from './wire-error.ts';

/** One column's new value: bytes, or null for SQL NULL. */
export interface Replacement {
  readonly column: number;
  readonly value: Buffer | null;
}

const bufferBytes = 64 * 1024;
const nothing = Buffer.alloc(0);

export class RowRewriter {
  #buffer: Buffer = nothing;
  /** Rows between `#taken` and `#length` wait for `take()`. */
  #taken = 0;
  #length = 0;

  /** Bytes waiting. */
  get bytes(): number {
    return this.#length - this.#taken;
  }

  /** The rows appended since the last call. The buffer is the caller's: the rewriter never writes to it again. */
  take(): Buffer {
    const rows = this.#buffer.subarray(this.#taken, this.#length);
    this.#taken = this.#length;
    return rows;
  }

  /**
   * `table` as decodeDataRow left it for this row; `replacements` in ascending order of column, each once. A column that
   * the row does not have throws WireError: the description that the masks were built from is not this row's.
   */
  append(row: FrameView, table: Int32Array, replacements: readonly Replacement[]): void {
    const size = sizeOf(row, table, replacements);
    this.#reserve(size);
    const start = this.#length;
    let from = row.start;
    for (const { column, value } of replacements) {
      const offset = table[2 * column] ?? 0;
      this.#copy(row.buffer, from, offset - 4);
      this.#length = this.#buffer.writeInt32BE(value === null ? -1 : value.length, this.#length);
      if (value !== null) this.#copy(value, 0, value.length);
      from = offset + Math.max(0, table[2 * column + 1] ?? 0);
    }
    this.#copy(row.buffer, from, row.end);
    this.#buffer.writeInt32BE(size - 1, start + 1);
  }

  #reserve(size: number): void {
    if (this.#buffer.length - this.#length >= size) return;
    const waiting = this.take();
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(bufferBytes, 2 * (waiting.length + size)));
    this.#length = waiting.copy(this.#buffer);
    this.#taken = 0;
  }

  #copy(source: Buffer, from: number, to: number): void {
    this.#length += source.copy(this.#buffer, this.#length, from, to);
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

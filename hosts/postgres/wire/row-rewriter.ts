// Writes DataRows with some columns replaced (PostgreSQL "Message Formats"), in one pass over the rows of a chunk: what lies
// between two replaced values is kept as one run, be it parts of two rows.

import { headerBytes, type FrameView } from './frame-reader.ts';
import { backend } from './message-types.ts';
import type { MovingView } from './rewritten-bytes.ts';
import { RewrittenBytes } from './rewritten-bytes.ts';
import { malformed } from './wire-error.ts';

export interface ReplacedColumn {
  readonly column: number;
  /** Writes what stands for a value that is not NULL; false for NULL, then it may not have written. */
  readonly write: (value: FrameView, out: RewrittenBytes) => boolean;
}

const nothing = Buffer.alloc(0);
const valuesOffset = headerBytes + 2;

/** As `readInt32BE`, without its checks: of bytes that are known to be there. */
const int32At = (bytes: Buffer, at: number): number =>
  ((bytes[at] ?? 0) << 24) |
  ((bytes[at + 1] ?? 0) << 16) |
  ((bytes[at + 2] ?? 0) << 8) |
  (bytes[at + 3] ?? 0);

const uint16At = (bytes: Buffer, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

export class RowRewriter {
  readonly #columns: readonly ReplacedColumn[];
  readonly #out = new RewrittenBytes();
  readonly #value: MovingView = { buffer: nothing, start: 0, end: 0 };

  /** @param columns in ascending order, each once */
  constructor(columns: readonly ReplacedColumn[]) {
    this.#columns = columns;
  }

  /** The rows written since the last call. The buffer is the caller's: the rewriter never writes to it again. */
  take(): Buffer {
    return this.#out.take();
  }

  /**
   * Whole DataRows, one behind the other. Throws WireError, and writes none of them, unless each is filled by its values
   * exactly and has the columns to replace: else the description that these were chosen by is not theirs.
   */
  rewrite(rows: FrameView): void {
    this.#value.buffer = rows.buffer;
    this.#out.from(rows, () => {
      for (let at = rows.start; at < rows.end;) at = this.#rewriteRow(rows, at);
    });
    this.#value.buffer = nothing;
  }

  /** Answers where the next row begins. */
  #rewriteRow({ buffer, end }: FrameView, row: number): number {
    if (end - row < valuesOffset) throw malformed('row shorter than its header');
    if (buffer[row] !== backend.dataRow) throw malformed('message of another type');
    const rowEnd = row + 1 + int32At(buffer, row + 1);
    if (rowEnd > end) throw malformed('message length is not its size');
    const columns = uint16At(buffer, row + headerBytes);
    let at = row + valuesOffset;
    let index = 0;
    let replaced = this.#columns[0];
    let grown = 0;
    for (let column = 0; column < columns; column += 1) {
      if (rowEnd - at < 4) throw malformed('row ends inside a column');
      const length = int32At(buffer, at);
      at += 4;
      if (length < -1 || length > rowEnd - at) throw malformed(`column length ${length}`);
      const from = at;
      if (length > 0) at += length;
      if (replaced?.column !== column) continue;
      if (length >= 0) grown += this.#replace(replaced, from, at);
      replaced = this.#columns[(index += 1)];
    }
    if (at !== rowEnd) throw malformed('bytes behind the last column');
    if (replaced !== undefined) throw malformed(`row without column ${replaced.column}`);
    if (grown !== 0) this.#out.resize(row, rowEnd, grown);
    return rowEnd;
  }

  /** Answers by how much the value grows. */
  #replace({ write }: ReplacedColumn, from: number, to: number): number {
    const out = this.#out;
    const value = this.#value;
    out.leaveOut(from, to);
    value.start = from;
    value.end = to;
    const before = out.waiting;
    const isNull = !write(value, out);
    const bytes = out.waiting - before;
    out.int32Back(bytes + 4, isNull ? -1 : bytes);
    return bytes - (to - from);
  }
}

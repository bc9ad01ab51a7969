// DataRow (B) 'D': Int16 count, then Int32 length (-1 NULL) and bytes each. PostgreSQL "Message Formats".
// The hot path of masking: columns are located, not decoded, and kept columns are copied as bytes.

import { headerBytes, type FrameView } from './frame-reader.ts';
import { backend } from './message-types.ts';
import { malformed } from './wire-error.ts';

/** PostgreSQL's MaxTupleAttributeNumber: no row has more columns. */
export const columnsMax = 1664;

/** Room for the columns of one row, to be used again for each: offset and length of column i at 2i and 2i + 1. */
export const columnTable = (columns = columnsMax): Int32Array => new Int32Array(2 * columns);

const valuesOffset = headerBytes + 2;

/** As `readInt32BE`, without its checks: of bytes that are known to be there. */
const int32At = (bytes: Buffer, at: number): number =>
  ((bytes[at] ?? 0) << 24) |
  ((bytes[at + 1] ?? 0) << 16) |
  ((bytes[at + 2] ?? 0) << 8) |
  (bytes[at + 3] ?? 0);

/**
 * Writes where each value lies into `table`, offsets counted from the start of `row.buffer`, length -1 for NULL.
 * Answers the number of columns; throws WireError unless the values fill the row exactly.
 */
export const decodeDataRow = (row: FrameView, table: Int32Array): number => {
  const { buffer, start, end } = row;
  if (end - start < valuesOffset) throw malformed('row shorter than its header');
  if (buffer.readUInt8(start) !== backend.dataRow) throw malformed('message of another type');
  if (buffer.readInt32BE(start + 1) !== end - start - 1) {
    throw malformed('message length is not its size');
  }
  const columns = buffer.readUInt16BE(start + headerBytes);
  if (2 * columns > table.length) throw malformed(`row of ${columns} columns`);
  let offset = start + valuesOffset;
  for (let at = 0; at < 2 * columns; at += 2) {
    if (end - offset < 4) throw malformed('row ends inside a column');
    const length = int32At(buffer, offset);
    offset += 4;
    if (length < -1 || length > end - offset) throw malformed(`column length ${length}`);
    table[at] = offset;
    table[at + 1] = length;
    if (length > 0) offset += length;
  }
  if (offset !== end) throw malformed('bytes behind the last column');
  return columns;
};

// RowDescription (B) 'T' and ParameterDescription (B) 't'. PostgreSQL "Message Formats".

import { lossyText, openFrame } from './body-reader.ts';
import { frameBody, type Text } from './body-writer.ts';
import { backend } from './message-types.ts';

/** Where a column comes from and how it is written. Zero OID and number: no column of a table. */
export interface Field {
  readonly name: string;
  /** A view into the frame. */
  readonly nameBytes: Buffer;
  readonly tableOid: number;
  /** Negative for system columns; 0 with a table is its whole row. */
  readonly columnNumber: number;
  readonly typeOid: number;
  /** Negative for variable width. */
  readonly typeSize: number;
  readonly typeModifier: number;
  /** 0 text, 1 binary; 0 in a statement's description, where it is not known yet. */
  readonly format: number;
}

/** Empty name with its NUL, and 18 bytes of numbers. */
const fieldBytesMin = 19;

export const decodeRowDescription = (frame: Buffer): readonly Field[] => {
  const body = openFrame(frame, backend.rowDescription);
  const fields: Field[] = [];
  for (let left = body.count(fieldBytesMin); left > 0; left -= 1) {
    const nameBytes = body.cstring();
    fields.push({
      name: lossyText(nameBytes),
      nameBytes,
      tableOid: body.uint32(),
      columnNumber: body.int16(),
      typeOid: body.uint32(),
      typeSize: body.int16(),
      typeModifier: body.int32(),
      format: body.format(),
    });
  }
  body.finish();
  return fields;
};

export const encodeRowDescription = (
  fields: readonly (Omit<Field, 'name' | 'nameBytes'> & {
    readonly name: Text;
    readonly nameBytes?: Buffer;
  })[],
): Buffer => {
  const body = frameBody(2 + fields.length * 32).uint16(fields.length);
  for (const field of fields) {
    body.text(field.nameBytes ?? field.name);
    body.uint32(field.tableOid).int16(field.columnNumber);
    body.uint32(field.typeOid).int16(field.typeSize).int32(field.typeModifier);
    body.uint16(field.format);
  }
  return body.frame(backend.rowDescription);
};

/** OIDs of a prepared statement's parameters. */
export const decodeParameterDescription = (frame: Buffer): readonly number[] => {
  const body = openFrame(frame, backend.parameterDescription);
  const count = body.count(4);
  const types = Array.from({ length: count }, () => body.uint32());
  body.finish();
  return types;
};

export const encodeParameterDescription = (types: readonly number[]): Buffer => {
  const body = frameBody(2 + types.length * 4).uint16(types.length);
  for (const type of types) body.uint32(type);
  return body.frame(backend.parameterDescription);
};

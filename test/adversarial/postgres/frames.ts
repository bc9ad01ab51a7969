// Frames that only an attacker sends, beside those of the codec.

export * from '../../../hosts/postgres/wire/index.ts';

/** FunctionCall (F) 'F': no client of this gateway may send it. */
export function encodeFunctionCallForTest(oid: number, values: readonly string[]): Buffer {
  const parts = values.map((value) => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  const head = Buffer.alloc(8);
  head.writeUInt32BE(oid, 0);
  head.writeUInt16BE(0, 4);
  head.writeUInt16BE(values.length, 6);
  return typed(0x46, Buffer.concat([head, ...parts, Buffer.from([0, 0])]));
}

/** A message of any type and body, with an honest length unless one is given. */
export function typed(type: number, body: Uint8Array, length = body.length + 4): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(type, 0);
  head.writeInt32BE(length, 1);
  return Buffer.concat([head, body]);
}

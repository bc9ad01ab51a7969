// Frames that only an attacker sends, beside those of the codec.

export * from '../../../hosts/postgres/wire/index.ts';

/** A message of any type and body, with an honest length unless one is given. */
export function typed(type: number, body: Uint8Array, length = body.length + 4): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(type, 0);
  head.writeInt32BE(length, 1);
  return Buffer.concat([head, body]);
}

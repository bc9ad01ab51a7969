// Frames of HTTP/2 (RFC 9113 §4, §6), written by hand so that they can be wrong; header blocks without compression.

export type Field = readonly [name: string, value: string];

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export const frameType = {
  ...{ data: 0, headers: 1, priority: 2, reset: 3, settings: 4 },
  ...{ pushPromise: 5, ping: 6, goAway: 7, windowUpdate: 8, continuation: 9 },
} as const;
export const flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export function encodeFrame({ type, flags, stream, payload }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const settingsFrame = (flags = 0): Buffer =>
  encodeFrame({ type: frameType.settings, flags, stream: 0, payload: Buffer.alloc(0) });

/** Literals that are never indexed (RFC 7541 §6.2.3), of at most 16 kB each. */
export const encodeFields = (fields: readonly Field[]): Buffer =>
  Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.of(0x10), ...literal(name), ...literal(value)]),
  );

/** A string without Huffman coding (RFC 7541 §5.2). */
function literal(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return [Buffer.of(bytes.length), bytes];
  const rest = bytes.length - 127;
  return [Buffer.of(127, (rest & 127) | 128, rest >> 7), bytes];
}

/** Of a block that `encodeFields` wrote. */
export function decodeFields(block: Buffer): readonly Field[] {
  const fields: Field[] = [];
  const read = (at: number): readonly [text: string, end: number] => {
    const short = block.readUInt8(at);
    const isLong = short === 127;
    const length = isLong
      ? 127 + (block.readUInt8(at + 1) & 127) + (block.readUInt8(at + 2) << 7)
      : short;
    const start = at + (isLong ? 3 : 1);
    return [block.toString('latin1', start, start + length), start + length];
  };
  for (let at = 0; at < block.length;) {
    const [name, middle] = read(at + 1);
    const [value, end] = read(middle);
    fields.push([name, value]);
    at = end;
  }
  return fields;
}

/** What the bytes hold of whole frames. */
export function framesIn(bytes: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + 9 <= bytes.length;) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const stream = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
    const [type = 0, flags = 0] = bytes.subarray(at + 3, at + 5);
    frames.push({ type, flags, stream, payload: bytes.subarray(at + 9, end) });
    at = end;
  }
  return frames;
}

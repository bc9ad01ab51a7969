// One frame as bytes (RFC 6455 §5.2), and the masking of its payload (§5.3).

export const opcodes = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export type Opcode = (typeof opcodes)[keyof typeof opcodes];

export const controlBytesMax = 125;
const finalBit = 0x80;
const maskBit = 0x80;
const length16 = 126;
const length64 = 127;
const maskBytes = 4;

export interface OutgoingFrame {
  readonly opcode: Opcode;
  /** Last of its message; control frames always are. */
  readonly final: boolean;
  readonly payload: Uint8Array;
}

/** A frame of its own memory. With a key (a fresh one for each frame, unguessable) it is a client's, without it a server's. */
export function encodeFrame({ opcode, final, payload }: OutgoingFrame, maskKey?: Buffer): Buffer {
  const bytes = payload.length;
  const extended = bytes <= controlBytesMax ? 0 : bytes <= 0xffff ? 2 : 8;
  const headerBytes = 2 + extended + (maskKey === undefined ? 0 : maskBytes);
  const frame = Buffer.allocUnsafe(headerBytes + bytes);
  const length = extended === 0 ? bytes : extended === 2 ? length16 : length64;
  frame[0] = opcode | (final ? finalBit : 0);
  frame[1] = length | (maskKey === undefined ? 0 : maskBit);
  if (extended === 2) frame.writeUInt16BE(bytes, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(bytes), 2);
  frame.set(payload, headerBytes);
  if (maskKey !== undefined) {
    maskKey.copy(frame, headerBytes - maskBytes);
    applyMask(frame.subarray(headerBytes), maskKey.readUInt32BE(0), 0);
  }
  return frame;
}

/** Masks or unmasks in place; `offset` is where in the frame's payload these bytes lie. */
export function applyMask(bytes: Buffer, key: number, offset: number): void {
  const first = (key >>> (24 - 8 * (offset & 3))) & 0xff;
  const second = (key >>> (24 - 8 * ((offset + 1) & 3))) & 0xff;
  const third = (key >>> (24 - 8 * ((offset + 2) & 3))) & 0xff;
  const fourth = (key >>> (24 - 8 * ((offset + 3) & 3))) & 0xff;
  const turn = [first, second, third, fourth] as const;
  const whole = bytes.length & ~3;
  let at = 0;
  for (; at < whole; at += 4) {
    bytes[at] = (bytes[at] ?? 0) ^ first;
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ second;
    bytes[at + 2] = (bytes[at + 2] ?? 0) ^ third;
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ fourth;
  }
  for (; at < bytes.length; at += 1) bytes[at] = (bytes[at] ?? 0) ^ (turn[at & 3] ?? 0);
}

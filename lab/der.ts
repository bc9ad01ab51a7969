// The few DER encodings (X.690) that a development certificate needs; encoding only, nothing here parses.

export type Der = Buffer;

function tagged(tag: number, ...content: readonly Uint8Array[]): Der {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const significant = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(tag, 0x80 | significant.length), significant, body]);
}

/** Base 128, high bit on all bytes but the last. */
function arc(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

export const sequence = (...items: readonly Der[]): Der => tagged(0x30, ...items);
export const set = (...items: readonly Der[]): Der => tagged(0x31, ...items);
export const boolean = (value: boolean): Der => tagged(0x01, Buffer.of(value ? 0xff : 0));
export const utf8 = (text: string): Der => tagged(0x0c, Buffer.from(text));
export const octets = (content: Uint8Array): Der => tagged(0x04, content);
export const bits = (content: Uint8Array, unused = 0): Der =>
  tagged(0x03, Buffer.of(unused), content);
/** `[number] EXPLICIT`. */
export const explicit = (number: number, item: Der): Der => tagged(0xa0 | number, item);
/** `[number] IMPLICIT` of a primitive type. */
export const implicit = (number: number, content: Uint8Array): Der =>
  tagged(0x80 | number, content);

/** From big-endian bytes without a sign: a leading zero keeps the number positive. */
export function integer(magnitude: Uint8Array): Der {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.of(0) : magnitude.subarray(first);
  return (digits[0] ?? 0) >= 0x80 ? tagged(0x02, Buffer.of(0), digits) : tagged(0x02, digits);
}

export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(arc)));
}

/** UTCTime until 2049, as RFC 5280 §4.1.2.5 demands. */
export function utcTime(date: Date): Der {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}

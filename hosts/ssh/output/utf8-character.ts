// One character of UTF-8 beyond ASCII (RFC 3629 §4): Unicode 15 §3.9, Table 3-7.

/** Whether the bytes of `input[at, end)` are one character, or what is to be replaced by one. */
export type Character =
  | { readonly kind: 'whole' | 'broken'; readonly end: number; readonly codePoint: number }
  | undefined;

interface Lead {
  readonly bytes: number;
  /** Range of the second byte. */
  readonly from: number;
  readonly to: number;
}

const leads: readonly (Lead | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0xc2 && byte <= 0xdf) return { bytes: 2, from: 0x80, to: 0xbf };
  if (byte >= 0xe0 && byte <= 0xef) {
    return { bytes: 3, from: byte === 0xe0 ? 0xa0 : 0x80, to: byte === 0xed ? 0x9f : 0xbf };
  }
  if (byte >= 0xf0 && byte <= 0xf4) {
    return { bytes: 4, from: byte === 0xf0 ? 0x90 : 0x80, to: byte === 0xf4 ? 0x8f : 0xbf };
  }
  return undefined;
});

/** At `input[at]`, a byte from 0x80 on. Undefined: more input must tell. `broken`: the longest beginning of a character. */
export const characterAt = (input: Buffer, at: number): Character => {
  const first = input[at] ?? 0;
  const lead = leads[first];
  if (lead === undefined) return { kind: 'broken', end: at + 1, codePoint: -1 };
  let codePoint = first & (0xff >> (lead.bytes + 1));
  let { from, to } = lead;
  for (let end = at + 1; end < at + lead.bytes; end += 1) {
    const byte = input[end];
    if (byte === undefined) return undefined;
    if (byte < from || byte > to) return { kind: 'broken', end, codePoint: -1 };
    codePoint = (codePoint << 6) | (byte & 0x3f);
    [from, to] = [0x80, 0xbf];
  }
  return { kind: 'whole', end: at + lead.bytes, codePoint };
};

// The text of JSON strings, RFC 8259 §7: what stands for itself, what is escaped, and back.

/** 1 for bytes that stand for themselves in a string: no quote, no backslash, no control character. */
export const plainBytes: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === 0x5c ? 0 : 1,
);

/** As `plainBytes`, and below 0x80: names of such bytes are compared as they are. */
export const plainAscii: Uint8Array = Uint8Array.from(plainBytes, (plain, byte) =>
  byte < 0x80 ? plain : 0,
);

/** What `\` and this byte stand for; 0 where that is no escape. `\u` is another matter. */
export const shortEscapes: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const at = 'btnfr"\\/'.indexOf(String.fromCharCode(byte));
  return '\b\t\n\f\r"\\/'.charCodeAt(at) || 0;
});

const backslash = 0x5c;

/**
 * The bytes that the inside of a string stands for. `raw` has passed the scanner; an escape that its end cuts is left
 * out, for the scanner to finish.
 */
export const unescapeText = (raw: Buffer): Buffer => {
  let escape = raw.indexOf(backslash);
  if (escape === -1) return raw;
  const text = Buffer.allocUnsafe(raw.length);
  let length = raw.copy(text, 0, 0, escape);
  let at = escape;
  while (at < raw.length) {
    const bytes = escapeBytes(raw, at);
    if (at + bytes > raw.length) break;
    length += writeEscape(text, length, raw.subarray(at, at + bytes));
    at += bytes;
    escape = raw.indexOf(backslash, at);
    const end = escape === -1 ? raw.length : escape;
    length += raw.copy(text, length, at, end);
    at = end;
  }
  return text.subarray(0, length);
};

/** How long the escape at `at` is: two of them make one character where the first is a high surrogate. */
const escapeBytes = (raw: Buffer, at: number): number => {
  if (at + 1 < raw.length && raw[at + 1] !== 0x75) return 2;
  if (at + 6 > raw.length) return 6;
  const unit = Number.parseInt(raw.toString('latin1', at + 2, at + 6), 16);
  return isHighSurrogate(unit) ? 12 : 6;
};

const writeEscape = (text: Buffer, at: number, escape: Buffer): number => {
  if (escape.length === 2) return text.writeUInt8(shortEscapes[escape[1] ?? 0] ?? 0, at) - at;
  const high = Number.parseInt(escape.toString('latin1', 2, 6), 16);
  if (escape.length === 6) return text.write(String.fromCharCode(high), at);
  const low = Number.parseInt(escape.toString('latin1', 8, 12), 16);
  return text.write(String.fromCharCode(high, low), at);
};

export const isHighSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
export const isLowSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;

const escapes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (plainBytes[byte] === 1) return '';
  const letter = '\b\t\n\f\r"\\'.indexOf(String.fromCharCode(byte));
  if (letter !== -1) return `\\${'btnfr"\\'.charAt(letter)}`;
  return `\\u${byte.toString(16).padStart(4, '0')}`;
});

/** Text, or a piece of it, as the inside of a string. Of text that needs no escape, the very bytes. */
export const escapeText = (text: Buffer): Buffer => {
  let plain = 0;
  while (plain < text.length && plainBytes[text[plain] ?? 0] === 1) plain += 1;
  if (plain === text.length) return text;
  const escaped = Buffer.allocUnsafe(plain + 6 * (text.length - plain));
  let length = text.copy(escaped, 0, 0, plain);
  for (let at = plain; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    const escape = escapes[byte] ?? '';
    if (escape === '') escaped[length++] = byte;
    else length += escaped.write(escape, length, 'latin1');
  }
  return escaped.subarray(0, length);
};

const spaces = [0x20, 0x09, 0x0a, 0x0d];
const openers = [0x7b, 0x5b, 0x22];

/** 1 for the first bytes of a string's inside after which `mayHoldJson` must be asked. */
export const mayOpenJson: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  [...spaces, ...openers, backslash, 0xc2, 0xe1, 0xe2, 0xe3, 0xef].includes(byte) ? 1 : 0,
);

/**
 * Whether text may itself be JSON that names something: it begins as an object, an array or a string (white space and a
 * byte order mark before it aside) and has both a bracket and a quote. More is not asked of it: who reads such text may
 * be more lenient than RFC 8259.
 */
export const mayHoldJson = (text: Buffer): boolean => {
  const first = firstByte(text);
  if (first === -1) return false;
  if (!openers.includes(text[first] ?? 0)) return false;
  return text.includes(0x22) && (text.includes(0x7b) || text.includes(0x5b));
};

/** Whether text that goes on behind `start` may hold JSON. */
export const mayBeginJson = (start: Buffer): boolean => {
  const first = firstByte(start);
  return first === -1 || openers.includes(start[first] ?? 0);
};

/** Offset of the first byte that is no white space, -1 without one. */
const firstByte = (text: Buffer): number => {
  let at = 0;
  while (at < text.length && spaces.includes(text[at] ?? 0)) at += 1;
  if (at < text.length && (text[at] ?? 0) >= 0x80) return firstBehindUnicodeSpace(text, at);
  return at === text.length ? -1 : at;
};

const unicodeSpaceBytesMax = 256;

const firstBehindUnicodeSpace = (text: Buffer, at: number): number => {
  const start = text.toString('utf8', at, at + unicodeSpaceBytesMax);
  const trimmed = start.trimStart();
  if (trimmed === '') return -1;
  return at + Buffer.byteLength(start.slice(0, start.length - trimmed.length));
};

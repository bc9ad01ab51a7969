// The short way through JSON: what most documents are made of, known at a glance.

import { mayOpenJson, plainBytes } from './json-text.ts';

const quote = 0x22;
const comma = 0x2c;
const closeBrace = 0x7d;

const isDigit: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x30 && byte <= 0x39 ? 1 : 0,
);

/** Past the last byte of the class that follows `start` in the chunk. */
export const endOfPlain = (chunk: Buffer, start: number, plain: Uint8Array): number => {
  let end = start;
  while (end < chunk.length && plain[chunk[end] ?? 0] === 1) end += 1;
  return end;
};

/** Past a text or an integer that needs no second look and has its end in the chunk; -1 for any other value. */
export const endOfPlainValue = (chunk: Buffer, start: number): number => {
  const first = chunk[start] ?? 0;
  if (first === quote) {
    if (mayOpenJson[chunk[start + 1] ?? 0] === 1) return -1;
    const end = endOfPlain(chunk, start + 1, plainBytes);
    return end < chunk.length && chunk[end] === quote ? end + 1 : -1;
  }
  if (first < 0x31 || first > 0x39) return -1;
  let end = start + 1;
  while (end < chunk.length && isDigit[chunk[end] ?? 0] === 1) end += 1;
  return chunk[end] === comma || chunk[end] === closeBrace ? end : -1;
};

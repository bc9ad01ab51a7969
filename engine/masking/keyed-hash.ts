// HMAC-SHA-256 (RFC 2104) of many short values under one key. Its two pads are made once: an HMAC object for each value costs
// ten times as much as the hashing does.

import { hash } from 'node:crypto';

/** RFC 2104 §2: B and L, of SHA-256. */
const blockBytes = 64;
const digestBytes = 32;
/** Longer values are copied into a buffer of their own. */
const shortBytesMax = 1024;

interface Pads {
  /** The inner pad, with room for a short value behind it. */
  readonly inner: Buffer;
  /** The outer pad, with room for the inner digest behind it. */
  readonly outer: Buffer;
}

const padsByKey = new WeakMap<Buffer, Pads>();

/** In hex. The bytes of `key` must stay as they are. */
export function keyedHash(key: Buffer, value: Buffer): string {
  const { inner, outer } = padsOf(key);
  outer.write(hash('sha256', behind(inner, value), 'hex'), blockBytes, 'hex');
  return hash('sha256', outer, 'hex');
}

function behind(pad: Buffer, value: Buffer): Buffer {
  if (value.length > shortBytesMax) return Buffer.concat([pad.subarray(0, blockBytes), value]);
  return pad.subarray(0, blockBytes + value.copy(pad, blockBytes));
}

function padsOf(key: Buffer): Pads {
  const known = padsByKey.get(key);
  if (known !== undefined) return known;
  const block = Buffer.alloc(blockBytes);
  (key.length > blockBytes ? hash('sha256', key, 'buffer') : key).copy(block);
  const pads = { inner: padOf(block, 0x36, shortBytesMax), outer: padOf(block, 0x5c, digestBytes) };
  padsByKey.set(key, pads);
  return pads;
}

function padOf(block: Buffer, byte: number, room: number): Buffer {
  const pad = Buffer.alloc(blockBytes + room);
  for (const [at, one] of block.entries()) pad[at] = one ^ byte;
  return pad;
}

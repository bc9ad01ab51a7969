// Masking strategies over text values. Pure: the key is a parameter.

import type { MaskStrategy, MaskingRule } from '../model/index.ts';
import { maskStrategies } from '../model/index.ts';
import { keyedHash } from './keyed-hash.ts';

const fixedValue = Buffer.from('***');
const partialLengthMin = 8;
const asterisk = 0x2a;
const hashHexDigits = 32;

/**
 * The masked form of one text value (UTF-8), or `null` for SQL NULL.
 *
 * - `null`: nothing is left.
 * - `fixed`: `***`, whatever the value was.
 * - `hash`: 32 hex digits of HMAC-SHA-256 under `key`: equal values stay equal, nobody without the
 *   key can test a guess.
 * - `partial`: first character, `***`, last two; shorter than eight characters: `***`.
 */
export function maskText(value: Buffer, strategy: MaskStrategy, key: Buffer): Buffer | null {
  switch (strategy) {
    case 'null':
      return null;
    case 'fixed':
      return fixedValue;
    case 'hash':
      return Buffer.from(keyedHash(key, value).slice(0, hashHexDigits), 'latin1');
    case 'partial':
      return partial(value);
  }
}

/** Bytes of a larger buffer. */
export interface ByteRange {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Takes what is written to it byte by byte. */
export interface ByteSink {
  byte(value: number): void;
}

/** As `maskText`, for one of very many values: the masked form goes to `sink`. False for NULL, then nothing does. */
export function maskInto(
  value: ByteRange,
  strategy: MaskStrategy,
  key: Buffer,
  sink: ByteSink,
): boolean {
  if (strategy === 'partial' && isLongAscii(value)) {
    const { buffer, start, end } = value;
    sink.byte(buffer[start] ?? 0);
    for (let count = 0; count < 3; count += 1) sink.byte(asterisk);
    sink.byte(buffer[end - 2] ?? 0);
    sink.byte(buffer[end - 1] ?? 0);
    return true;
  }
  const masked = maskText(value.buffer.subarray(value.start, value.end), strategy, key);
  if (masked === null) return false;
  for (let at = 0; at < masked.length; at += 1) sink.byte(masked[at] ?? 0);
  return true;
}

/** Whether its characters are its bytes, and enough of them to show some. */
function isLongAscii({ buffer, start, end }: ByteRange): boolean {
  for (let at = start; at < end; at += 1) if ((buffer[at] ?? 0) >= 0x80) return false;
  return end - start >= partialLengthMin;
}

function partial(value: Buffer): Buffer {
  const text = value.toString('utf8');
  const characters = Array.from(text);
  if (characters.length < partialLengthMin) return fixedValue;
  return Buffer.from(`${characters[0] ?? ''}***${characters.slice(-2).join('')}`);
}

/** The strategy that wins where two apply to the same value: the more restrictive one. */
export function stricter(one: MaskStrategy, other: MaskStrategy): MaskStrategy {
  return maskStrategies.indexOf(one) <= maskStrategies.indexOf(other) ? one : other;
}

/** What all of several decisions about the same bytes let be inferred. Of a single decision the very list. */
export function mergeInfer(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = lists;
  return others.length === 0
    ? first
    : first.filter((column) => others.every((columns) => columns.includes(column)));
}

/**
 * All rules of several decisions about the same bytes, one per selector, the most restrictive. Of a single decision, which
 * names nothing twice, the very list.
 */
export function mergeMasks(lists: readonly (readonly MaskingRule[])[]): readonly MaskingRule[] {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  const bySelector = new Map<string, MaskingRule>();
  for (const { strategy, ...selector } of lists.flat()) {
    const name = JSON.stringify(selector);
    const known = bySelector.get(name)?.strategy ?? strategy;
    bySelector.set(name, { ...selector, strategy: stricter(known, strategy) });
  }
  return Array.from(bySelector.values());
}

import { createHmac } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { keyedHash } from '../../../engine/masking/keyed-hash.ts';
import { maskText } from '../../../engine/masking/index.ts';

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength, size: 'max' }).map((array) => Buffer.from(array));
const hmac = (key: Buffer, value: Buffer): string =>
  createHmac('sha256', key).update(value).digest('hex');

describe('keyedHash', () => {
  it('is HMAC-SHA-256, whatever the lengths of key and value', () => {
    fc.assert(
      fc.property(
        bytes(200),
        fc.array(bytes(3000), { minLength: 1, maxLength: 4 }),
        (key, values) => {
          for (const value of values) expect(keyedHash(key, value)).toBe(hmac(key, value));
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([0, 1, 63, 64, 65, 1023, 1024, 1025, 100_000])('takes a value of %i bytes', (length) => {
    for (const keyLength of [0, 32, 63, 64, 65, 128]) {
      const key = Buffer.alloc(keyLength, 7);
      // A longer value first, of which nothing may stay.
      keyedHash(key, Buffer.alloc(1024, 1));
      const value = Buffer.alloc(length, 0xe9);
      expect(keyedHash(key, value)).toBe(hmac(key, value));
    }
  });

  it('keeps keys apart that are used in turn', () => {
    const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const value = Buffer.from('ada@example.com');
    for (const key of [...keys, ...keys]) expect(keyedHash(key, value)).toBe(hmac(key, value));
  });

  it('is what the hash strategy shows, to 32 digits', () => {
    const key = Buffer.alloc(32, 7);
    const value = Buffer.from('ada@example.com');
    expect(maskText(value, 'hash', key)?.toString()).toBe(hmac(key, value).slice(0, 32));
  });
});

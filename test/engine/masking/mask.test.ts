import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  maskInto,
  maskText,
  mergeInfer,
  mergeMasks,
  stricter,
} from '../../../engine/masking/index.ts';

const key = Buffer.alloc(32, 7);
const mask = (value: string, strategy: Parameters<typeof maskText>[1]) =>
  maskText(Buffer.from(value), strategy, key)?.toString() ?? null;

describe('maskText', () => {
  it('leaves nothing under null and one value under fixed', () => {
    expect(mask('ada@example.com', 'null')).toBeNull();
    expect(mask('ada@example.com', 'fixed')).toBe('***');
    expect(mask('', 'fixed')).toBe('***');
  });

  it('keeps the ends of long values only under partial', () => {
    expect(mask('ada@example.com', 'partial')).toBe('a***om');
    expect(mask('1234567', 'partial')).toBe('***');
    expect(mask('', 'partial')).toBe('***');
  });

  it('cuts between characters, never inside one', () => {
    expect(mask('ä12345é€', 'partial')).toBe('ä***é€');
    expect(mask('😀12345😀😀', 'partial')).toBe('😀***😀😀');
  });

  it('hashes equal values alike, under the key alone', () => {
    const hash = mask('ada@example.com', 'hash');
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(mask('ada@example.com', 'hash')).toBe(hash);
    expect(mask('bob@example.com', 'hash')).not.toBe(hash);
    const other = maskText(Buffer.from('ada@example.com'), 'hash', Buffer.alloc(32, 8));
    expect(other?.toString()).not.toBe(hash);
  });
});

describe('maskInto', () => {
  it('writes what maskText answers, of the bytes that it is shown', () => {
    const value = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text));
    const bytes = fc.uint8Array({ maxLength: 20 }).map((each) => Buffer.from(each));
    const strategy = fc.constantFrom('null', 'fixed', 'hash', 'partial');
    fc.assert(
      fc.property(fc.oneof(value, bytes), strategy, (secret, how) => {
        const written: number[] = [];
        const buffer = Buffer.concat([Buffer.from('before'), secret, Buffer.from('é')]);
        const range = { buffer, start: 6, end: 6 + secret.length };
        const isShown = maskInto(range, how, key, { byte: (byte) => written.push(byte) });
        expect(isShown ? Buffer.from(written) : null).toEqual(maskText(secret, how, key));
      }),
    );
  });
});

describe('the most restrictive strategy', () => {
  it('is null before fixed before hash before partial, whoever comes last', () => {
    const order = ['null', 'fixed', 'hash', 'partial'] as const;
    for (const [index, strict] of order.entries()) {
      for (const lax of order.slice(index)) {
        expect(stricter(strict, lax)).toBe(strict);
        expect(stricter(lax, strict)).toBe(strict);
      }
    }
  });

  it('wins for each column over all decisions', () => {
    const merged = mergeMasks([
      [{ column: 'public.users.email', strategy: 'partial' }],
      [
        { column: 'public.users.email', strategy: 'fixed' },
        { column: 'public.users.phone', strategy: 'hash' },
      ],
      [{ column: 'public.users.email', strategy: 'hash' }],
    ]);
    expect(merged).toEqual([
      { column: 'public.users.email', strategy: 'fixed' },
      { column: 'public.users.phone', strategy: 'hash' },
    ]);
  });
});

describe('what may be inferred', () => {
  it('is what every decision about the same bytes grants', () => {
    expect(
      mergeInfer([
        ['a.b.c', 'a.b.d'],
        ['a.b.d', 'a.b.e'],
      ]),
    ).toEqual(['a.b.d']);
    expect(mergeInfer([['a.b.c'], []])).toEqual([]);
    expect(mergeInfer([])).toEqual([]);
  });

  it('is the very list of a single decision', () => {
    const granted = ['a.b.c'];
    expect(mergeInfer([granted])).toBe(granted);
  });
});

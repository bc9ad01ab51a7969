import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { MarkFilter } from '../../../../hosts/ssh/interactive/mark-filter.ts';

const token = '0'.repeat(32);
const nonce = '7'.repeat(32);
const mark = (due: string): string => `\x1e${token}${due}\x1f`;

const filter = (chunks: readonly string[]): { output: string; marks: number } => {
  const marks = new MarkFilter(token);
  const filtered = chunks.map((chunk) => marks.push(Buffer.from(chunk, 'latin1'), nonce));
  return {
    output: filtered.map(({ output }) => output.toString('latin1')).join(''),
    marks: filtered.filter(({ isMarked }) => isMarked).length,
  };
};

describe('marks in the output', () => {
  it.each([
    ['none', 'plain', 'plain', 0],
    ['the one that is due', `a${mark(nonce)}b`, 'ab', 1],
    ['an old one', `a${mark('8'.repeat(32))}b`, 'ab', 0],
    ['of another session', `a\x1e${'1'.repeat(64)}\x1fb`, `a\x1e${'1'.repeat(64)}\x1fb`, 0],
    ['without its end', `\x1e${token}${nonce}x`, `\x1e${token}${nonce}x`, 0],
    ['two in a row', mark(nonce) + mark(nonce), '', 1],
    ['one inside of another', `\x1e${token}\x1e${token}${nonce}\x1f`, `\x1e${token}`, 1],
    ['lone separators', 'a\x1e\x1f\x1eb', 'a\x1e\x1f\x1eb', 0],
  ])('%s', (_, text, output, marks) => {
    expect(filter([text])).toEqual({ output, marks });
    expect(filter(Array.from(text)).output).toBe(output);
  });

  it('leaves all other output as it is, in any chunks', () => {
    const piece = fc.oneof(
      fc.constantFrom('\x1e', '\x1f', '0', token, nonce, mark(nonce)),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        // The last one lets go of what could have become a mark.
        const whole = `${Buffer.from(pieces.join('')).toString('latin1')}.`;
        const { output } = filter([whole]);
        expect(filter(Array.from(whole)).output).toBe(output);
        expect(output).toBe(whole.replaceAll(new RegExp(`\\x1e${token}[0-9]{32}\\x1f`, 'g'), ''));
      }),
    );
  });
});

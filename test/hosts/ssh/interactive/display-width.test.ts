import { describe, expect, it } from '@jest/globals';

import { isPrintable, widthOf } from '../../../../hosts/ssh/interactive/display-width.ts';
import { promptFor } from '../../../../hosts/ssh/interactive/prompt.ts';

describe('columns of a character', () => {
  it.each([
    ['a', 1],
    ['é', 1],
    ['日', 2],
    ['ｱ', 1],
    ['Ａ', 2],
    ['한', 2],
    ['\u0301', 0],
    ['\u200d', 0],
    ['\u1160', 0],
    ['\u{1f600}', 2],
    ['\u{1f1e6}', 1],
    ['☺', 1],
    ['あ', 2],
    ['\u{20000}', 2],
  ])('%s takes %i', (character, width) => {
    expect(widthOf(character)).toBe(width);
  });

  it('shows nothing that hides or turns others round', () => {
    for (const character of ['\x1b', '\x7f', '\u0085', '\u202e', '\u2066', '\u200b', '\u2028']) {
      expect(isPrintable(character)).toBe(false);
    }
    expect(isPrintable('ß')).toBe(true);
  });
});

describe('the prompt', () => {
  it('says whose shell it is and where that stands, the end of a long path', () => {
    expect(promptFor('ada@box', '/usr')).toBe('ada@box:/usr$ ');
    expect(promptFor('ada@box', null)).toBe('ada@box:?$ ');
    expect(promptFor('b', `/${'x'.repeat(100)}/end`)).toBe(`b:…${'x'.repeat(56)}/end$ `);
    expect(promptFor('b', `/${'日'.repeat(100)}`)).toBe(`b:…${'日'.repeat(30)}$ `);
  });
});

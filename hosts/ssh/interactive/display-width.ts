// Columns that a code point takes on a terminal: Unicode Standard Annex 11 "East Asian Width", from the properties that
// the engine's own Unicode tables know, and the blocks that are wide as a whole.

/** Marks that stand on the character before them, format characters, and the vowels and finals of Hangul. */
const zero = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;

/** Narrow, though they stand between wide ones. */
const narrow = /^[\uff61-\uffdc\u4dc0-\u4dff\u3248-\u324f\u02ea\u02eb\u{1f1e6}-\u{1f1ff}]$/u;

const wide =
  /^[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Yi}\p{sc=Tangut}\p{sc=Nushu}\p{sc=Khitan_Small_Script}\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3040-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{16fff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]$/u;

/** @param character one code point that is printable */
export function widthOf(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (zero.test(character)) return 0;
  return wide.test(character) && !narrow.test(character) ? 2 : 1;
}

/**
 * What an editor may show and a judge may read: no controls, no lone surrogates, no line or paragraph separators, and
 * no format characters, which reorder or hide what stands beside them.
 */
export const isPrintable = (character: string): boolean =>
  !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character);

// What is left of a statement's text without its literals: texts of one shape are parsed to one tree, but for the
// values and places of constants.

import {
  dot,
  isDigit,
  isPunctuation,
  isWordStart,
  minus,
  openParen,
  quote,
  tokenEnd,
} from './tokens.ts';

export interface TextShape {
  readonly shape: string;
  readonly literals: readonly Literal[];
}

export interface Literal {
  /** Where the parser may say that its constant stands: from the signs and brackets before it to its first character. */
  readonly from: number;
  readonly at: number;
  readonly text: string;
}

/** Of more digits the parser may make another kind of constant. */
const digitsMax = 9;
/** In other commands a literal may be part of the grammar. */
const commands = /^[\s(]*(?:select|insert|update|delete|with|values)\b/i;
/** Here, too: the one chooses between two types, the other tells what an escape is. */
const grammarWords = new Set(['float', 'uescape']);
/** In no text that is looked at. */
const marks = { number: '\u0001', string: '\u0002' } as const;
const ampersand = 0x26;

/** `undefined` for a text that holds no literal, begins with another command, or is not plain ASCII. */
export function shapeOf(text: string): TextShape | undefined {
  // A backslash may escape something.
  if (/[^\t\n\r -~]|\\/.test(text) || !commands.test(text)) return undefined;
  const literals: Literal[] = [];
  let shape = '';
  let kept = 0;
  let word = '';
  let wasString = false;
  let from: number | undefined;
  for (let at = 0, next: number; at < text.length; at = next) {
    const code = text.charCodeAt(at);
    const end = tokenEnd(text, at, code);
    next = Math.abs(end);
    if (code === openParen || (code === minus && end > 0)) {
      from ??= at;
      continue;
    }
    if (end < 0 && !isPunctuation(code)) continue;
    // A string on the next line goes on with the one before.
    if (code === quote && wasString) return undefined;
    wasString = text.charCodeAt(next - 1) === quote;
    const kind = grammarWords.has(word) ? undefined : kindOf(text, at, next);
    if (kind !== undefined) {
      literals.push({ from: from ?? at, at, text: text.slice(at, next) });
      shape += text.slice(kept, at) + marks[kind];
      kept = next;
    }
    word = isWordStart(code) ? text.slice(at, next).toLowerCase() : '';
    from = undefined;
  }
  return literals.length === 0 ? undefined : { shape: shape + text.slice(kept), literals };
}

function kindOf(text: string, at: number, end: number): keyof typeof marks | undefined {
  const code = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  if (code === quote) {
    // B'', X'', N'' and U&'' are other kinds of literals.
    const isPrefixed = isWordStart(before) || isDigit(before) || before === ampersand;
    return isPrefixed ? undefined : 'string';
  }
  if (!isDigit(code) || end - at > digitsMax || before === dot) return undefined;
  if (text.charCodeAt(end) === dot) return undefined;
  for (let digit = at + 1; digit < end; digit += 1) {
    if (!isDigit(text.charCodeAt(digit))) return undefined;
  }
  return 'number';
}

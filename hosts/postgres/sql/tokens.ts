// Tokens of SQL text as PostgreSQL's scan.l cuts them under standard_conforming_strings, which is what the parser
// assumes.

export const openParen = 0x28;
export const closeParen = 0x29;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
export const comma = 0x2c;
export const semicolon = 0x3b;
export const quote = 0x27;
const doubleQuote = 0x22;
const dollar = 0x24;
export const dot = 0x2e;
export const minus = 0x2d;
const plus = 0x2b;
const slash = 0x2f;
const star = 0x2a;
const backslash = 0x5c;
const newline = 0x0a;
const carriageReturn = 0x0d;

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);
export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
export const isWordStart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code >= 0x80;

export const isPunctuation = (code: number): boolean =>
  code === openParen ||
  code === closeParen ||
  code === openBracket ||
  code === closeBracket ||
  code === comma ||
  code === semicolon;

/** The end of the token at `at`; negative, the end alone, for what is no token (space, comment) or is punctuation. */
export function tokenEnd(text: string, at: number, code: number): number {
  if (isSpace(code) || isPunctuation(code)) return -(at + 1);
  if (isWordStart(code)) return wordEnd(text, at, code);
  const next = text.charCodeAt(at + 1);
  switch (code) {
    case quote:
    case doubleQuote:
      return quotedEnd(text, at + 1, code);
    case dollar:
      return dollarEnd(text, at);
    case minus:
      return next === minus ? -lineEnd(text, at) : at + 1;
    case slash:
      return next === star ? -commentEnd(text, at + 2) : at + 1;
    default:
      return isDigit(code) ? numberEnd(text, at) : at + 1;
  }
}

function wordEnd(text: string, at: number, first: number): number {
  if ((first === 0x65 || first === 0x45) && text.charCodeAt(at + 1) === quote) {
    return escapedEnd(text, at + 2);
  }
  let end = at + 1;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (!isWordStart(code) && !isDigit(code) && code !== dollar) break;
  }
  return end;
}

// A dollar after a number starts a dollar quote, so it is not part of it.
function numberEnd(text: string, at: number): number {
  let end = at + 1;
  while (isDigit(text.charCodeAt(end)) || isWordStart(text.charCodeAt(end))) end += 1;
  const sign = text.charCodeAt(end);
  const isSigned = (sign === minus || sign === plus) && isDigit(text.charCodeAt(end + 1));
  if (!isSigned || !/^[\d_]+e$/i.test(text.slice(at, end))) return end;
  end += 1;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

function quotedEnd(text: string, from: number, mark: number): number {
  const character = String.fromCharCode(mark);
  for (let at = from; ; at += 2) {
    at = text.indexOf(character, at);
    if (at < 0) return text.length;
    if (text.charCodeAt(at + 1) !== mark) return at + 1;
  }
}

function escapedEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === quote) {
      if (text.charCodeAt(at + 1) === quote) at += 1;
      else {
        const resumed = continuation(text, at + 1);
        if (resumed < 0) return at + 1;
        at = resumed;
      }
    }
  }
  return text.length;
}

// `E'a' <newline> '\''` is one literal that keeps its escapes: the quote that resumes it, or -1.
function continuation(text: string, from: number): number {
  let lines = false;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === newline || code === carriageReturn) lines = true;
    else if (code === minus && text.charCodeAt(at + 1) === minus) at = lineEnd(text, at) - 1;
    else if (!isSpace(code)) return lines && code === quote ? at : -1;
  }
  return -1;
}

function dollarEnd(text: string, at: number): number {
  let end = at + 1;
  if (isDigit(text.charCodeAt(end))) {
    while (isDigit(text.charCodeAt(end))) end += 1;
    return end;
  }
  while (isWordStart(text.charCodeAt(end)) || (end > at + 1 && isDigit(text.charCodeAt(end)))) {
    end += 1;
  }
  if (text.charCodeAt(end) !== dollar) return at + 1;
  const close = text.indexOf(text.slice(at, end + 1), end + 1);
  return close < 0 ? text.length : close + (end + 1 - at);
}

function lineEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === newline || code === carriageReturn) break;
    end += 1;
  }
  return end;
}

function commentEnd(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (code === slash && next === star) {
      depth += 1;
      at += 1;
    } else if (code === star && next === slash) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}
